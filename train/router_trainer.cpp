#include "train/router_trainer.h"

#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "llm/language_model.h"
#include "llm/prompt_states.h"
#include "support/files.h"
#include "support/progress.h"
#include "support/random.h"
#include "text/prompt.h"
#include "train/fit.h"
#include "train/one_thread.h"
#include "train/router_network.h"
#include "train/verdicts.h"
#include "train/workers.h"

namespace polar {
namespace {

using Stop = std::function<bool()>;

constexpr double kGamma = 2;     // of the focal loss
constexpr double kBeta = 0.999;  // of the effective number

struct RouterQuestion {
  const ExampleLabels* labels = nullptr;
  std::vector<int> counts;  // [D]: the label
  at::Tensor windows;       // [D, windows, width]: states before each layer when the label runs
};

// The shortest right program that routers can choose; of equally short ones the first by text.
std::optional<std::vector<int>> labelOf(const ExampleLabels& example, int depth) {
  std::optional<std::vector<int>> best;
  std::pair<int, std::string> bestKey;
  for (const LabelledProgram& label : example.programs) {
    if (label.isSample() || !label.evaluation.right()) continue;
    auto counts = layerCounts(label.program, depth);
    const std::pair<int, std::string> key{label.program.executed(), label.program.text()};
    if (!counts || (best && bestKey <= key)) continue;
    best = std::move(counts);
    bestKey = key;
  }
  return best;
}

at::Tensor forcedWindows(const PromptStates& states, const Prompt& prompt, const std::vector<int>& counts,
                         int windows) {
  std::vector<at::Tensor> rows;
  PromptWalk walk = states.walk(prompt.tokens, prompt.headTokens);
  for (std::size_t layer = 0; layer < counts.size(); ++layer) {
    rows.push_back(pooledWindows(walk.states(), windows));
    for (int pass = 0; pass < counts[layer]; ++pass) walk.run(static_cast<LayerIndex>(layer));
  }
  return at::stack(rows);
}

// The questions that have a label.
std::vector<RouterQuestion> trainQuestions(const std::vector<ExampleLabels>& labels, int depth) {
  std::vector<RouterQuestion> questions;
  for (const ExampleLabels& example : labels) {
    if (example.split != "train") continue;
    if (auto counts = labelOf(example, depth)) questions.push_back({&example, std::move(*counts), {}});
  }
  return questions;
}

// All questions: a chosen program is right or wrong, with or without a label.
std::vector<const ExampleLabels*> validationQuestions(const std::vector<ExampleLabels>& labels) {
  std::vector<const ExampleLabels*> questions;
  for (const ExampleLabels& example : labels)
    if (example.split == "validation") questions.push_back(&example);
  return questions;
}

std::vector<std::int64_t> classCounts(const std::vector<RouterQuestion>& questions) {
  std::vector<std::int64_t> counts(3, 0);
  for (const RouterQuestion& question : questions)
    for (const int count : question.counts) ++counts[static_cast<std::size_t>(count)];
  return counts;
}

class RouterTraining final : public EpochTraining {
 public:
  RouterTraining(LayerRouter& router, std::vector<RouterQuestion> train, std::vector<const ExampleLabels*> validation,
                 const PromptStates& states, const PromptBuilder& prompts, const TrainSettings& settings,
                 std::uint64_t seed, const RunProgram& run, const Workers& workers, const Stop& stop)
      : router_(router), train_(std::move(train)), validation_(std::move(validation)), states_(states),
        prompts_(prompts), settings_(settings), workers_(workers), stop_(stop), random_(seed, "router epochs"),
        verdicts_(validation_, run),
        optimizer_(router.network().parameters(),
                   torch::optim::AdamWOptions(settings.learningRate).weight_decay(settings.weightDecay)) {
    const auto weights = effectiveNumberWeights(classCounts(train_), kBeta);
    classWeights_ = torch::tensor(std::vector<float>(weights.begin(), weights.end()));
  }

  torch::nn::Module& network() override { return router_.network(); }

  double runEpoch(int) override {
    router_.network().train();
    std::vector<std::size_t> order(train_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    random_.shuffle(order);
    double sum = 0;
    for (std::size_t from = 0; from < order.size(); from += static_cast<std::size_t>(settings_.batch)) {
      requireGoingOn(stop_);
      const std::size_t until = std::min(order.size(), from + static_cast<std::size_t>(settings_.batch));
      optimizer_.zero_grad();
      const at::Tensor loss = batchLoss({order.data() + from, until - from});
      loss.backward();
      optimizer_.step();
      sum += loss.item<double>() * static_cast<double>(until - from);
    }
    return sum / static_cast<double>(order.size());
  }

  std::optional<ValidationScore> validate() override {
    if (validation_.empty()) return std::nullopt;
    router_.network().eval();
    std::vector<char> right(validation_.size());
    workers_.run(right.size(), [&](std::size_t q) {
      requireGoingOn(stop_);
      right[q] = verdicts_.isRight(q, router_.route(states_, prompts_.build(validation_[q]->example)));
    });
    const auto count = std::count(right.begin(), right.end(), 1);
    return ValidationScore{static_cast<double>(count) / static_cast<double>(right.size()), std::nullopt, std::nullopt};
  }

  nlohmann::ordered_json report(const EpochResult& result) override {
    return {{"epoch", result.epoch}, {"train_loss", result.loss}, {"validation_pass_at_1", passAt1Json(result.score)}};
  }

 private:
  // Mean over the batch's questions and all layers.
  at::Tensor batchLoss(std::span<const std::size_t> batch) {
    std::vector<at::Tensor> windows, logits;
    std::vector<std::int64_t> classes;
    for (const std::size_t i : batch) windows.push_back(train_[i].windows);
    const at::Tensor rows = torch::stack(windows);  // [B, D, windows, width]
    for (int layer = 0; layer < router_.shape().depth; ++layer) {
      logits.push_back(router_.network().forward(rows.select(1, layer), layer));
      for (const std::size_t i : batch) classes.push_back(train_[i].counts[static_cast<std::size_t>(layer)]);
    }
    return focalLoss(torch::cat(logits), torch::tensor(classes), classWeights_, kGamma).mean();
  }

  LayerRouter& router_;
  std::vector<RouterQuestion> train_;
  std::vector<const ExampleLabels*> validation_;
  const PromptStates& states_;
  const PromptBuilder& prompts_;
  const TrainSettings& settings_;
  const Workers& workers_;
  const Stop& stop_;
  Random random_;
  Verdicts verdicts_;
  at::Tensor classWeights_;
  torch::optim::AdamW optimizer_;
};

}  // namespace

RouterSummary trainRouter(const std::vector<ExampleLabels>& labels, std::shared_ptr<const LanguageModel> model,
                          const PromptBuilder& prompts, const TrainSettings& settings, std::uint64_t seed,
                          const std::filesystem::path& folder, const RunProgram& run, const Stop& stop,
                          int workerCount) {
  const auto started = std::chrono::steady_clock::now();
  requireWritableFolder(folder);
  const OneThread oneThread;
  const Workers workers(workerCount);
  const int depth = model->depth();
  auto train = trainQuestions(labels, depth);
  auto validation = validationQuestions(labels);
  if (train.empty())
    throw InputError("labels", "no train question with a right program of per-layer skips and repeats", "at least one",
                     "search more: raise search.budget or data.train.limit, then run polar search again");
  LayerRouter router({depth, model->config().width}, Random(seed, "router weights").next());
  const PromptStates states(std::move(model));
  RouterSummary summary;
  summary.trainQuestions = static_cast<int>(train.size());
  summary.validationQuestions = static_cast<int>(validation.size());
  {
    Progress progress("router states", "questions", train.size());
    workers.run(train.size(), [&](std::size_t q) {
      requireGoingOn(stop);
      train[q].windows =
          forcedWindows(states, prompts.build(train[q].labels->example), train[q].counts, router.shape().windows);
      progress.advance(1);
    });
  }
  RouterTraining training(router, std::move(train), std::move(validation), states, prompts, settings, seed, run,
                          workers, stop);
  const BestEpoch best = fit(training, {settings.epochs, 1, "train.learning_rate"}, [&](const std::string& lines) {
    writeFileAtomically(folder / "router_log.jsonl", lines);
  });
  summary.bestEpoch = best.epoch;
  summary.passAt1 = best.score ? best.score->passAt1 : 0;
  const nlohmann::ordered_json kept{{"seed", seed},
                                    {"train_questions", summary.trainQuestions},
                                    {"validation_questions", summary.validationQuestions},
                                    {"best_epoch", summary.bestEpoch},
                                    {"validation_pass_at_1", summary.passAt1}};
  router.save(folder, kept.dump());
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return summary;
}

}  // namespace polar
