#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "train/calibration.h"
#include "train/value_model.h"
#include "train/value_table.h"
#include "train/value_trainer.h"
#undef CHECK
#include "catch.h"
#include "input_error.h"
#include "planted.h"
#include "support/error.h"

namespace polar {

using namespace testing::planted;

namespace {

class PlantedFeatures final : public QuestionFeatures {
 public:
  explicit PlantedFeatures(float scale = 1) : scale_(scale) {}
  at::Tensor read(const Example& example) const override {
    Random random(2, example.id);
    at::Tensor row = at::empty({6});
    for (int i = 0; i < 6; ++i) row.data_ptr<float>()[i] = static_cast<float>(random.uniform() - 0.5);
    row.data_ptr<float>()[kindOfQuestion(example)] += 3 * scale_;
    return row;
  }
  int width() const override { return 6; }
  std::int64_t layerTokens(const Example&) const override { return 30; }

 private:
  float scale_;
};

ValueSettings quickSettings() {
  ValueSettings settings;
  settings.width = 24;
  settings.epochs = 15;
  settings.batch = 16;
  settings.learningRate = 1e-2;
  settings.members = 2;
  settings.softness = 0;
  return settings;
}

ValueModel modelOfThree() {
  return ValueModel({4, 2, 3, 4, 1, 0}, {Program::parse("0-3", 4), Program::parse("0-2", 4), Program::parse("0-3,3", 4)},
                    1);
}

using Order = std::vector<std::size_t>;

}  // namespace

TEST_CASE("the value model finds a planted rule, and abstains where nothing is known") {
  const testing::TemporaryFolder folder;
  const auto labels = plantedLabels(400);
  const ValueSummary summary = trainValueModel(labels, PlantedFeatures(), kDepth, quickSettings(), 1, folder.path());
  CHECK(summary.trainQuestions == 300);
  CHECK(summary.validationQuestions == 100);
  CHECK(summary.programs == 4);
  CHECK(summary.passAt1 >= 0.95);  // the standard program is right for one kind of four
  CHECK(summary.standardPassAt1 < 0.4);

  // What was saved chooses as it was measured.
  const auto model = ValueModel::load(folder.path(), kDepth);
  int right = 0;
  for (const ExampleLabels& example : labels) {
    if (example.split != "validation") continue;
    const at::Tensor row = model->probabilities(PlantedFeatures().read(example.example)).to(at::kDouble);
    const std::vector<double> p(row.data_ptr<double>(), row.data_ptr<double>() + row.numel());
    const Program chosen = model->menu()[model->rank(p, 0, 0, 1).front()];
    right += chosen == Program::parse(kPlanted[kindOfQuestion(example.example)], kDepth) ? 1 : 0;
  }
  CHECK(right == static_cast<int>(summary.passAt1 * 100 + 0.5));
  CHECK(model->abstention(0) < 0.5);

  const auto calibration = nlohmann::json::parse(testing::slurp(folder.path() / "calibration.json"), nullptr, false);
  CHECK(calibration["predictions"] == 400);
  CHECK(calibration["expected_calibration_error"].get<double>() < 0.1);
  const std::string log = testing::slurp(folder.path() / "value_log.jsonl");
  CHECK(std::count(log.begin(), log.end(), '\n') == 30);
}

TEST_CASE("without the feature the value model does no better than the best program") {
  const testing::TemporaryFolder folder;
  const ValueSummary summary =
      trainValueModel(plantedLabels(240), PlantedFeatures(0), kDepth, quickSettings(), 1, folder.path());
  CHECK(summary.passAt1 < 0.6);
}

TEST_CASE("value training: the same seed gives the same bytes; stopping leaves the model from before") {
  const testing::TemporaryFolder a, b, c;
  const auto labels = plantedLabels(80);
  ValueSettings settings = quickSettings();
  settings.epochs = 2;
  settings.classWeights = true;
  settings.gainWeight = 1;
  trainValueModel(labels, PlantedFeatures(), kDepth, settings, 1, a.path());
  at::set_num_threads(2);
  at::rand({5});
  trainValueModel(labels, PlantedFeatures(), kDepth, settings, 1, b.path());
  at::set_num_threads(1);
  trainValueModel(labels, PlantedFeatures(), kDepth, settings, 2, c.path());
  for (const char* file : {"value.safetensors", "value.json", "value_log.jsonl", "calibration.json"}) {
    INFO(file);
    CHECK(testing::slurp(a.path() / file) == testing::slurp(b.path() / file));
    CHECK(testing::slurp(a.path() / file) != testing::slurp(c.path() / file));
  }
  const std::string before = testing::slurp(a.path() / "value.json");
  CHECK_THROWS_AS(trainValueModel(labels, PlantedFeatures(), kDepth, settings, 3, a.path(), [] { return true; }), Stopped);
  CHECK(testing::slurp(a.path() / "value.json") == before);
}

TEST_CASE("choices: gain over the standard program, layer price, abstention, ties") {
  const ValueModel model = modelOfThree();  // 4, 3 and 5 layers
  CHECK(model.rank({0.5, 0.4, 0.7}, 0, 0, 3) == Order{2, 0, 1});
  CHECK(model.rank({0.5, 0.4, 0.7}, 0, 0.25, 3) == Order{0, 2, 1});  // 0.2 is too little
  CHECK(model.rank({0.5, 0.4, 0.7}, 0, 0, 1) == Order{2});
  // A layer is a quarter of the price: 0.4 for one less makes up for 0.1, 0.7 for one more does not.
  CHECK(model.rank({0.5, 0.4, 0.7}, 1, 0, 3) == Order{1, 0, 2});
  CHECK(model.rank({0.5, 0.5, 0.5}, 0, 0, 3) == Order{0, 1, 2});
  CHECK(model.rank({0.5, 0.5, 0.5}, 0.1, 0, 3) == Order{1, 0, 2});
  CHECK(model.rank({0.1, 0.6, 0.7}, 0, 0, 3) == Order{2, 1, 0});
}

TEST_CASE("abstention is what would have served validation best, the largest of equals") {
  ValueModel model = modelOfThree();
  CHECK(model.abstention(0) == 0);
  // A promised gain of 0.05 fails, one of 0.3 comes true.
  model.validation = {{0.5f, 0.55f, 0.1f, 0.2f, 0.5f, 0.1f}, {1, 0, 0, 0, 1, 0}};
  CHECK(model.abstention(0) == 0.2);
  // A promised gain of 0.05 that comes true: at most that much is asked for.
  model.validation = {{0.5f, 0.55f, 0.1f}, {0, 1, 0}};
  CHECK(model.abstention(0) == 0.04);
}

TEST_CASE("the menu is what was run on every question; samples are no programs") {
  auto labels = plantedLabels(8);
  labels[3].programs.erase(labels[3].programs.begin() + 2);  // 0-3,2-7 is missing once
  const auto menu = commonMenu(labels, kDepth);
  REQUIRE(menu.size() == 3);
  CHECK(menu[0].text() == "0-7");
  CHECK(menu[1].text() == "0-2,5-7");
  CHECK(menu[2].text() == "1-7");
  labels[2].programs.back().origin = "sample";
  CHECK(commonMenu(labels, kDepth).size() == 2);
  labels[1].programs.clear();
  CHECK_THROWS_AS(commonMenu(labels, kDepth), InputError);

  const auto features = editFeatures(Program::parse("0,2-3,2-3", 4), 4);
  CHECK(features == std::vector<float>{0, -1, 1, 1, 0.25f, -0.25f});
  for (const float feature : editFeatures(Program::standard(4), 4)) CHECK(feature == 0);
}

TEST_CASE("soft labels are the answer's probability where it was scored") {
  auto labels = plantedLabels(4);
  labels[0].programs[1].evaluation.answerLogprob = std::log(0.25f);
  labels[0].programs[2].evaluation.answerLogprob = std::numeric_limits<float>::quiet_NaN();
  const auto table = valueTable(labels, "train", commonMenu(labels, kDepth), 2);
  REQUIRE(table.questions.size() == 2);
  CHECK(std::abs(table.probability[1] - 0.25f) < 1e-6f);
  const std::size_t last = 2;  // "1-7" and "0-3,2-7" have 7 and 10 layers
  CHECK(table.menu[last].text() == "1-7");
  CHECK(table.probability[3] == table.right[3]);
}

TEST_CASE("calibration: means of bins, their error, Brier score") {
  const std::vector<float> predictions{0.05f, 0.15f, 0.15f, 1.0f}, right{0, 1, 0, 1};
  const Calibration calibration = calibrate(predictions, right);
  REQUIRE(calibration.bins.size() == 10);
  CHECK(calibration.bins[1].n == 2);
  CHECK(std::abs(calibration.bins[1].predicted - 0.15) < 1e-6);
  CHECK(calibration.bins[1].observed == 0.5);
  CHECK(calibration.bins[9].n == 1);
  CHECK(calibration.bins[5].n == 0);
  CHECK(std::abs(calibration.error - (0.05 + 0.7) / 4) < 1e-6);
  CHECK(std::abs(calibration.brier - (0.0025 + 0.7225 + 0.0225) / 4) < 1e-6);
}

TEST_CASE("a value model that does not fit or is broken is named") {
  const testing::TemporaryFolder folder;
  ValueModel model = modelOfThree();
  model.save(folder.path(), "{}");
  CHECK((ValueModel::load(folder.path(), 4)->menu() == model.menu()));
  CHECK(testing::errorOf([&] { ValueModel::load(folder.path(), 5); }).find("for a model of 4 layers") != std::string::npos);
  CHECK_THROWS_AS(model.probabilities(at::zeros({7})), InputError);
  const auto json = folder.path() / "value.json";
  std::string text = testing::slurp(json);
  text.replace(text.find("\"0-2\""), 5, "\"0-9\"");
  testing::spill(json, text);
  CHECK_THROWS_AS(ValueModel::load(folder.path(), 4), InputError);
}

}  // namespace polar
