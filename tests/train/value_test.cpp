#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

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

TrainSettings quickTraining() {
  TrainSettings train;
  ValueSettings& settings = train.value;
  settings.width = 24;
  settings.epochs = 15;
  settings.batch = 16;
  settings.learningRate = 1e-2;
  settings.members = 2;
  settings.softness = 0;
  return train;
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
  const ValueSummary summary = trainValueModel(labels, PlantedFeatures(), kDepth, quickTraining(), 1, folder.path());
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

  // What it was tuned on: every question, by a model that did not know it.
  REQUIRE(model->heldOut.right.size() == 4 * 400);
  CHECK(model->heldOut.folds == 5);
  const ChoiceRule rule = model->rule(0);
  CHECK_FALSE(rule.standardOnly);
  CHECK(rule.gain > 0.6);
  CHECK(rule.certainty > 0.99);
  CHECK(summary.rule == ruleText(rule, 0));
  // Reading costs as much as an answer here, as the labels do not tell: at price 1 nothing can make up for it.
  CHECK(model->heldOut.readingCost == 1);
  CHECK(model->rule(1).standardOnly);

  const auto calibration = nlohmann::json::parse(testing::slurp(folder.path() / "calibration.json"), nullptr, false);
  CHECK(calibration["predictions"] == 1600);
  CHECK(calibration["expected_calibration_error"].get<double>() < 0.1);
  const std::string log = testing::slurp(folder.path() / "value_log.jsonl");
  CHECK(std::count(log.begin(), log.end(), '\n') == 30);
}

TEST_CASE("without the feature the value model does no better than the best program") {
  const testing::TemporaryFolder folder;
  const ValueSummary summary =
      trainValueModel(plantedLabels(240), PlantedFeatures(0), kDepth, quickTraining(), 1, folder.path());
  CHECK(summary.passAt1 < 0.6);
}

TEST_CASE("value training: the same seed gives the same bytes, stopping leaves the model from before") {
  const testing::TemporaryFolder a, b, c;
  const auto labels = plantedLabels(80);
  TrainSettings settings = quickTraining();
  settings.value.epochs = 2;
  settings.value.classWeights = true;
  settings.value.gainWeight = 1;
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

TEST_CASE("value training: any number of workers gives the same bytes") {
  const testing::TemporaryFolder one, two, three;
  const auto labels = plantedLabels(80);
  TrainSettings settings = quickTraining();
  settings.value.epochs = 2;
  trainValueModel(labels, PlantedFeatures(), kDepth, settings, 1, one.path(), {}, 1);
  trainValueModel(labels, PlantedFeatures(), kDepth, settings, 1, two.path(), {}, 2);
  trainValueModel(labels, PlantedFeatures(), kDepth, settings, 1, three.path(), {}, 3);
  for (const char* file : {"value.safetensors", "value.json", "value_log.jsonl", "calibration.json"}) {
    INFO(file);
    CHECK(testing::slurp(one.path() / file) == testing::slurp(two.path() / file));
    CHECK(testing::slurp(one.path() / file) == testing::slurp(three.path() / file));
  }
}

TEST_CASE("a question's held-out prediction does not know its own verdicts") {
  const testing::TemporaryFolder folder, other;
  auto labels = plantedLabels(60);
  TrainSettings settings = quickTraining();
  settings.value.epochs = 3;
  settings.value.members = 1;
  const auto heldOut = [&](const testing::TemporaryFolder& where) {
    trainValueModel(labels, PlantedFeatures(), kDepth, settings, 1, where.path());
    return ValueModel::load(where.path(), kDepth)->heldOut;
  };
  const HeldOut before = heldOut(folder);
  for (LabelledProgram& program : labels[5].programs)
    program.evaluation.verdict = program.evaluation.right() ? Verdict::wrong : Verdict::right;
  const HeldOut after = heldOut(other);
  // Exactly the predictions of its own fold stay as they were.
  std::size_t same = 0, expected = 0, changedVerdicts = 0;
  for (std::size_t i = 0; i < before.probability.size(); ++i) {
    same += before.probability[i] == after.probability[i] ? 1 : 0;
    changedVerdicts += before.right[i] != after.right[i] ? 1 : 0;
  }
  for (const ExampleLabels& example : labels)
    expected += foldOf(example.example, 5) == foldOf(labels[5].example, 5) ? 4 : 0;
  CHECK(changedVerdicts == 4);
  CHECK(same == expected);
}

namespace {

// Every program is right with the same chance on every question, whatever the others are: there is nothing to gain.
std::vector<ExampleLabels> noiseLabels(int count, std::uint64_t seed) {
  auto labels = plantedLabels(count);
  Random random(seed, "noise");
  for (ExampleLabels& example : labels)
    for (LabelledProgram& program : example.programs)
      program.evaluation.verdict = random.uniform() < 0.4 ? Verdict::right : Verdict::wrong;
  return labels;
}

// The rule of before: the threshold that serves the validation questions best, by a model that stopped by them.
bool leavesStandardByValidation(const ValueModel& model, const std::vector<ExampleLabels>& labels) {
  double bestServed = -1;
  bool leaves = false;
  for (const double threshold : {0.0, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2}) {
    double served = 0;
    bool left = false;
    const ValueTable table = valueTable(labels, "validation", model.menu());
    for (std::size_t q = 0; q < table.questions.size(); ++q) {
      const at::Tensor row = model.probabilities(PlantedFeatures().read(table.questions[q]->example)).to(at::kDouble);
      const std::vector<double> p(row.data_ptr<double>(), row.data_ptr<double>() + row.numel());
      const std::size_t choice = model.rank(p, 0, threshold, 1).front();
      served += table.right[q * model.menu().size() + choice];
      left = left || choice != 0;
    }
    if (served < bestServed) continue;
    bestServed = served;
    leaves = left;
  }
  return leaves;
}

}  // namespace

TEST_CASE("where no program gains anything, the standard one is always chosen") {
  TrainSettings settings = quickTraining();
  settings.value.members = 1;
  settings.value.epochs = 6;
  int fooled = 0, fooledBefore = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const testing::TemporaryFolder folder;
    const auto labels = noiseLabels(200, seed);
    trainValueModel(labels, PlantedFeatures(), kDepth, settings, seed, folder.path());
    const auto model = ValueModel::load(folder.path(), kDepth);
    fooled += model->rule(0).standardOnly ? 0 : 1;
    fooledBefore += leavesStandardByValidation(*model, labels) ? 1 : 0;
  }
  INFO(fooled << " of 20, by the rule of before " << fooledBefore);
  CHECK(fooled <= 2);
  CHECK(fooledBefore >= 10);
}

TEST_CASE("certainty: the sign test's for answers won and lost, and never of a handful of questions") {
  const auto gains = [](int won, int lost, int level) {
    std::vector<double> all(static_cast<std::size_t>(won), 1.0);
    all.insert(all.end(), static_cast<std::size_t>(lost), -1.0);
    all.insert(all.end(), static_cast<std::size_t>(level), 0.0);
    return certaintyOf(all);
  };
  CHECK(certaintyOf({}) == 0.5);
  CHECK(std::abs(gains(20, 20, 360) - 0.5) < 1e-9);
  CHECK(std::abs(gains(6, 0, 394) - 0.983) < 0.002);  // sign test: 1 − 1/64
  CHECK(gains(2, 0, 398) < 0.85);
  CHECK(gains(30, 10, 360) > 0.99);
  // A layer less on every question and no answer won or lost: certain of 400, not of 3.
  CHECK(certaintyOf(std::vector<double>(400, 0.02)) > 0.99);
  CHECK(certaintyOf(std::vector<double>(3, 0.02)) < 0.6);
}

TEST_CASE("a rule: the candidate that gains most of those that gain for certain, else always standard") {
  const auto mixed = [](int won, int lost, int level) {
    std::vector<double> all(static_cast<std::size_t>(won), 1.0);
    all.insert(all.end(), static_cast<std::size_t>(lost), -1.0);
    all.insert(all.end(), static_cast<std::size_t>(level), 0.0);
    return all;
  };
  CHECK(bestRule({}).standardOnly);
  // More gain, but no certainty of it; less gain for certain; the same again, of a larger threshold.
  const std::vector<double> wild = mixed(60, 48, 292), sure = mixed(10, 0, 390);
  ChoiceRule rule = bestRule({{0, wild}, {0.02, sure}, {0.04, sure}});
  CHECK_FALSE(rule.standardOnly);
  CHECK(rule.threshold == 0.04);
  CHECK(rule.gain == 10.0 / 400);
  CHECK(rule.thresholds == 2);
  CHECK(std::abs(rule.needed - 0.95) < 1e-9);
  rule = bestRule({{0, wild}, {0.1, mixed(3, 3, 394)}});
  CHECK(rule.standardOnly);
  CHECK(rule.threshold == 0);
  CHECK(rule.certainty < rule.needed);
}

TEST_CASE("value rules pay for layers and for reading, and say what they were tuned on") {
  ValueModel model = modelOfThree();  // 4, 3 and 5 layers
  CHECK(model.rule(0).standardOnly);
  CHECK(ruleText(model.rule(0), 0).find("always standard") != std::string::npos);
  // On half of the questions the shorter program is promised and wins, on the others nothing is promised.
  model.heldOut.folds = 5;
  for (int q = 0; q < 200; ++q) {
    const bool promised = q % 2 == 0;
    for (const float p : {0.4f, promised ? 0.75f : 0.2f, 0.1f}) model.heldOut.probability.push_back(p);
    for (const float right : {0.0f, promised ? 1.0f : 0.0f, 0.0f}) model.heldOut.right.push_back(right);
  }
  ChoiceRule rule = model.rule(0);
  CHECK_FALSE(rule.standardOnly);
  CHECK(rule.threshold == 0.2);
  CHECK(rule.gain == 0.5);
  CHECK(rule.questions == 200);
  const std::string text = ruleText(rule, 0);
  INFO(text);
  CHECK(text.find("price 0: threshold 0.2") != std::string::npos);
  CHECK(text.find("200 questions in 5 folds: gain +0.500") != std::string::npos);
  // A quarter of the price for the layer less, on 100 of 200.
  CHECK(std::abs(model.rule(0.4).gain - (0.5 + 0.4 / 8)) < 1e-6);
  model.heldOut.readingCost = 0.5;
  CHECK(std::abs(model.rule(0.4).gain - (0.5 + 0.4 / 8 - 0.2)) < 1e-6);
  model.heldOut.readingCost = 2;
  rule = model.rule(0.4);
  CHECK(rule.standardOnly);
  CHECK(rule.gain < 0);
  CHECK(ruleText(rule, 0.4).starts_with("price 0.4: always standard"));
  // All questions alike: the standard program, then by what the held-out questions gained.
  CHECK(model.fixedRanking(0) == Order{0, 1, 2});
  for (float& right : model.heldOut.right) right = 0;
  CHECK(model.fixedRanking(0.1) == Order{0, 1, 2});
  CHECK(model.fixedRanking(-0.1) == Order{0, 2, 1});
}

TEST_CASE("folds: by the question's text alone, of about equal size") {
  const auto labels = plantedLabels(500);
  std::vector<int> sizes(5, 0);
  for (const ExampleLabels& example : labels) {
    Example again = example.example;
    again.id = "elsewhere";
    again.answer = "another";
    CHECK(foldOf(again, 5) == foldOf(example.example, 5));
    ++sizes[foldOf(example.example, 5)];
  }
  for (const int size : sizes) CHECK(std::abs(size - 100) < 40);
}

TEST_CASE("the cost of reading is a share of the standard program's answers") {
  auto labels = plantedLabels(4);
  CHECK(shareOfAnswer(30, labels, kDepth) == 1);  // not told
  for (ExampleLabels& example : labels)
    for (LabelledProgram& program : example.programs)
      if (program.program == Program::standard(kDepth)) {
        program.evaluation.prefillLayerTokens = 40;
        program.evaluation.decodeLayerTokens = 20;
      }
  CHECK(shareOfAnswer(30, labels, kDepth) == 0.5);
}

TEST_CASE("the menu is what was run on every question, samples are no programs") {
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
  std::string older = text;
  older.replace(older.find("polar-value-2"), 13, "polar-value-1");
  testing::spill(json, older);
  CHECK(testing::errorOf([&] { ValueModel::load(folder.path(), 4); }).find("train again") != std::string::npos);
  text.replace(text.find("\"0-2\""), 5, "\"0-9\"");
  testing::spill(json, text);
  CHECK_THROWS_AS(ValueModel::load(folder.path(), 4), InputError);
}

}  // namespace polar
