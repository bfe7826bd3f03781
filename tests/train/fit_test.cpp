// The loop that all trainings share, with its schedule and its verdicts.
#include "train/fit.h"

#include <torch/nn/module.h>

#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>
#undef CHECK

#include "catch.h"
#include "input_error.h"
#include "train/schedule.h"
#include "train/verdicts.h"

namespace polar {
namespace {

struct OneWeight : torch::nn::Module {
  OneWeight() { weight = register_parameter("weight", torch::zeros({1})); }
  at::Tensor weight;
};

// After epoch n its weight is n; the scores are given.
class GivenScores final : public EpochTraining {
 public:
  explicit GivenScores(std::map<int, ValidationScore> scores = {}) : scores_(std::move(scores)) {}
  torch::nn::Module& network() override { return network_; }
  double runEpoch(int epoch) override {
    const torch::NoGradGuard noGrad;
    network_.weight.fill_(epoch);
    epoch_ = epoch;
    return loss;
  }
  std::optional<ValidationScore> validate() override {
    looked.push_back(epoch_);
    return scores_.empty() ? std::nullopt : std::optional(scores_.at(epoch_));
  }
  nlohmann::ordered_json report(const EpochResult& result) override {
    return {{"epoch", result.epoch}, {"loss", lossJson(result.score)}};
  }
  int weight() const { return network_.weight.item<int>(); }

  double loss = 1;
  std::vector<int> looked;

 private:
  OneWeight network_;
  std::map<int, ValidationScore> scores_;
  int epoch_ = 0;
};

}  // namespace

TEST_CASE("the best epoch: higher pass@1, then lower loss, then earlier") {
  const std::optional<double> none;
  GivenScores training({{1, {0.5, 1.0, none}}, {2, {0.6, 3.0, none}}, {3, {0.6, 2.0, none}}, {4, {0.6, 2.0, none}}});
  std::string log;
  const BestEpoch best = fit(training, {4, 1, "key"}, [&](const std::string& lines) { log = lines; });
  CHECK(best.epoch == 3);
  REQUIRE(best.score);
  CHECK(best.score->loss == 2.0);
  CHECK(training.weight() == 3);
  CHECK(log ==
        "{\"epoch\":1,\"loss\":1.0,\"best\":true}\n{\"epoch\":2,\"loss\":3.0,\"best\":true}\n"
        "{\"epoch\":3,\"loss\":2.0,\"best\":true}\n{\"epoch\":4,\"loss\":2.0,\"best\":false}\n");
}

TEST_CASE("epochs between two looks at validation have no line, the last epoch always has one") {
  GivenScores training({{3, {0.5, {}, {}}}, {6, {0.5, {}, {}}}, {7, {0.4, {}, {}}}});
  int written = 0;
  CHECK(fit(training, {7, 3, "key"}, [&](const std::string&) { ++written; }).epoch == 3);
  CHECK(training.looked == std::vector<int>{3, 6, 7});
  CHECK(written == 3);
}

TEST_CASE("without validation questions the last epoch is the best, and a loss that is not finite ends the training") {
  GivenScores training;
  const auto ignore = [](const std::string&) {};
  const BestEpoch best = fit(training, {3, 1, "key"}, ignore);
  CHECK(best.epoch == 3);
  CHECK_FALSE(best.score);
  CHECK(training.weight() == 3);
  training.loss = std::numeric_limits<double>::quiet_NaN();
  CHECK(testing::errorOf([&] { fit(training, {3, 1, "train.key"}, ignore); }).find("train.key") != std::string::npos);
}

TEST_CASE("the learning rate rises in the warm-up and then falls to 0 after the last step") {
  const Schedule schedule(2, 12, 4);
  CHECK(schedule.rate(0) == 0.5);
  CHECK(schedule.rate(3) == 2);
  CHECK(schedule.rate(4) == 2);
  CHECK(std::abs(schedule.rate(8) - 1) < 1e-12);
  CHECK(schedule.rate(11) > 0);
  CHECK(std::abs(schedule.rate(12)) < 1e-12);
  CHECK(Schedule(2, 12).rate(0) == 2);
  CHECK(Schedule(2, 1, 4).rate(0) == 2);  // a warm-up is shorter than the training
}

TEST_CASE("verdicts: the label's, else that of running the program once, and samples are no labels") {
  ExampleLabels labels;
  for (const char* origin : {"mcts", "sample"}) {
    LabelledProgram label;
    label.program = Program::parse(labels.programs.empty() ? "0-3" : "0-2", 4);
    label.evaluation.verdict = Verdict::right;
    label.origin = origin;
    labels.programs.push_back(label);
  }
  int runs = 0;
  Verdicts verdicts({&labels, &labels}, [&](const Example&, const Program& program) {
    ++runs;
    return program.executed() == 2;
  });
  CHECK(verdicts.isRight(0, Program::parse("0-3", 4)));
  CHECK(runs == 0);
  for (int i = 0; i < 2; ++i) CHECK_FALSE(verdicts.isRight(0, Program::parse("0-2", 4)));
  CHECK(runs == 1);
  CHECK(verdicts.isRight(1, Program::parse("0-1", 4)));
  CHECK(runs == 2);
  CHECK_FALSE(Verdicts({&labels}, {}).isRight(0, Program::parse("0-1", 4)));
}

}  // namespace polar
