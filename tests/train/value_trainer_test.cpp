// Training of the value model.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#undef CHECK

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "catch.h"
#include "planted.h"
#include "support/error.h"
#include "train/value_model.h"
#include "train/value_table.h"
#include "train/value_trainer.h"

namespace polar {

using namespace testing::planted;

namespace {

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

}  // namespace

TEST_CASE("the value model finds a planted rule, and reads no question where that costs too much") {
  const testing::TemporaryFolder folder;
  const auto labels = plantedLabels(400);
  const ValueSummary summary = trainValueModel(labels, PlantedFeatures(), kDepth, quickTraining(), 1, folder.path());
  CHECK(summary.trainQuestions == 300);
  CHECK(summary.validationQuestions == 100);
  CHECK(summary.programs == 4);
  CHECK(summary.passAt1 >= 0.95);  // the standard program is right for one kind of four
  CHECK(summary.standardPassAt1 < 0.4);

  // The saved model chooses as the measured one.
  const auto model = ValueModel::load(folder.path(), kDepth);
  int right = 0;
  for (const ExampleLabels& example : labels) {
    if (example.split != "validation") continue;
    const at::Tensor row = model->probabilities(PlantedFeatures().read(example.example)).to(at::kDouble);
    const std::vector<double> p(row.data_ptr<double>(), row.data_ptr<double>() + row.numel());
    const Program chosen = model->choice.menu()[model->choice.rank(p, {}, 0, 1).front()];
    right += chosen == Program::parse(kPlanted[kindOfQuestion(example.example)], kDepth) ? 1 : 0;
  }
  CHECK(right == static_cast<int>(summary.passAt1 * 100 + 0.5));

  // The rule is tuned on every question, as predicted by a model that did not know it.
  REQUIRE(model->choice.heldOut.right.size() == 4 * 400);
  CHECK(model->choice.heldOut.folds == 5);
  const ChoiceRule rule = model->choice.rule({});
  CHECK_FALSE(rule.standardOnly);
  CHECK(rule.gain > 0.6);
  CHECK(rule.certainty > 0.99);
  CHECK(summary.rule == ruleText(rule, 0));
  // The labels do not say what an answer costs, so reading costs as much as one: at price 1 no gain is enough.
  CHECK(model->choice.heldOut.readingCost == 1);
  CHECK(model->choice.rule({1}).standardOnly);

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
  const auto stop = [] { return true; };
  CHECK_THROWS_AS(trainValueModel(labels, PlantedFeatures(), kDepth, settings, 3, a.path(), stop), Stopped);
  CHECK(testing::slurp(a.path() / "value.json") == before);
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
    return ValueModel::load(where.path(), kDepth)->choice.heldOut;
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

// Every program is right with the same probability on every question, independent of the others: nothing can be gained.
std::vector<ExampleLabels> noiseLabels(int count, std::uint64_t seed) {
  auto labels = plantedLabels(count);
  Random random(seed, "noise");
  for (ExampleLabels& example : labels)
    for (LabelledProgram& program : example.programs)
      program.evaluation.verdict = random.uniform() < 0.4 ? Verdict::right : Verdict::wrong;
  return labels;
}

// The rule of earlier versions: the threshold that is best on the validation questions, which also chose the epoch.
bool leavesStandardByValidation(const ValueModel& model, const std::vector<ExampleLabels>& labels) {
  double bestServed = -1;
  bool leaves = false;
  for (const double threshold : {0.0, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2}) {
    double served = 0;
    bool left = false;
    const ValueTable table = valueTable(labels, "validation", model.choice.menu());
    for (std::size_t q = 0; q < table.questions.size(); ++q) {
      const at::Tensor row = model.probabilities(PlantedFeatures().read(table.questions[q]->example)).to(at::kDouble);
      const std::vector<double> p(row.data_ptr<double>(), row.data_ptr<double>() + row.numel());
      const std::size_t choice = model.choice.rank(p, {}, threshold, 1).front();
      served += table.right[q * model.choice.menu().size() + choice];
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
    fooled += model->choice.rule({}).standardOnly ? 0 : 1;
    fooledBefore += leavesStandardByValidation(*model, labels) ? 1 : 0;
  }
  INFO(fooled << " of 20, by the earlier rule " << fooledBefore);
  CHECK(fooled <= 2);
  CHECK(fooledBefore >= 10);
}

}  // namespace polar
