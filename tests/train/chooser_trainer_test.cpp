// Training of the menu chooser.
#include "train/chooser_trainer.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#undef CHECK

#include <nlohmann/json.hpp>

#include "catch.h"
#include "input_error.h"
#include "planted_menu.h"
#include "train/trainer.h"
#include "train/value_table.h"

namespace polar {

using namespace testing::planted;

namespace {

TrainSettings quickChooser() {
  TrainSettings settings;
  settings.chooser.penalties = {0.03, 0.003};
  settings.chooser.steps = 60;
  return settings;
}

const char* const kFiles[] = {"chooser.safetensors", "chooser.json", "chooser_calibration.json"};

// Questions that training does not see.
std::vector<ExampleLabels> freshQuestions(std::vector<ExampleLabels> labels, std::size_t from) {
  return {labels.begin() + static_cast<std::ptrdiff_t>(from), labels.end()};
}

double shareRight(const std::vector<ExampleLabels>& questions, const std::function<Program(const Example&)>& choose) {
  double right = 0;
  for (const ExampleLabels& each : questions)
    right += spares(kindOfQuestion(each.example), choose(each.example)) ? 1 : 0;
  return right / static_cast<double>(questions.size());
}

Program chosenBy(const ChooserModel& model, double threshold, const Example& example) {
  const at::Tensor row = model.probabilities(PlantedFeatures().read(example)).to(at::kDouble);
  const std::vector<double> p(row.data_ptr<double>(), row.data_ptr<double>() + row.numel());
  return model.choice.menu()[model.choice.rank(p, {}, threshold, 1).front()];
}

}  // namespace

TEST_CASE("where single edits are right and the standard program never is, the chooser finds them, the predictor not") {
  const testing::TemporaryFolder folder;
  std::vector<ExampleLabels> labels = menuLabels(600);
  const std::vector<ExampleLabels> unseen = freshQuestions(labels, 400);
  labels.resize(400);
  const ChooserSummary summary = trainChooser(labels, PlantedFeatures(), kDepth, quickChooser(), 1, folder.path());
  CHECK(summary.questions == 400);
  CHECK(summary.teaching == 400);
  CHECK(summary.programs == 9);
  CHECK(summary.standardPassAt1 == 0);
  CHECK(summary.passAt1 >= 0.95);  // any one program for all questions: a half
  const auto chooser = ChooserModel::load(folder.path(), "chooser", kDepth);
  const ChoiceRule rule = chooser->choice.rule({});
  CHECK_FALSE(rule.standardOnly);
  CHECK(rule.gain >= 0.9);
  CHECK(rule.questions == 400);
  CHECK(summary.rule == ruleText(rule, 0));
  CHECK(shareRight(unseen, [&](const Example& each) { return chosenBy(*chooser, rule.threshold, each); }) >= 0.95);
  // Probabilities of being right, not of being chosen: a third of the menu is right.
  const auto calibration =
      nlohmann::json::parse(testing::slurp(folder.path() / "chooser_calibration.json"), nullptr, false);
  CHECK(calibration["predictions"] == 9 * 400);
  double predicted = 0, observed = 0;
  for (const auto& bin : calibration["bins"]) {
    predicted += bin["n"].get<double>() * bin["predicted"].get<double>();
    observed += bin["n"].get<double>() * bin["observed"].get<double>();
  }
  CHECK(std::abs(observed - 1200) < 1);
  CHECK(std::abs(predicted - 1200) < 60);
  // Those that are chosen are sure; which of the three right ones takes the mass is open.
  CHECK(calibration["bins"][9]["n"].get<double>() >= 380);
  CHECK(calibration["bins"][9]["observed"].get<double>() >= 0.95);
  CHECK(chooser->choice.rule({2}).standardOnly);  // reading costs as much as an answer, as the labels do not say

  TrainSettings settings;
  settings.width = 32;
  settings.epochs = 12;
  settings.batch = 16;
  settings.learningRate = 3e-3;
  trainPredictor(labels, PlantedEncoder(), kDepth, settings, 1, folder.path());
  const auto predictor = ProgramPredictor::load(folder.path(), kDepth);
  const double byPredictor = shareRight(unseen, [&](const Example& each) {
    return predictor->propose(PlantedEncoder().encode(each), 1, 5).front().program;
  });
  INFO("predictor right on " << byPredictor);
  CHECK(byPredictor < 0.4);
}

TEST_CASE("without the feature the chooser does no better than the best program") {
  const testing::TemporaryFolder folder;
  CHECK(trainChooser(menuLabels(240), PlantedFeatures(0), kDepth, quickChooser(), 1, folder.path()).passAt1 < 0.65);
}

TEST_CASE("chooser training: the same seed gives the same bytes for any number of workers, stopping changes nothing") {
  const testing::TemporaryFolder a, b, c;
  const auto labels = menuLabels(80);
  const TrainSettings settings = quickChooser();
  trainChooser(labels, PlantedFeatures(), kDepth, settings, 1, a.path());
  at::set_num_threads(2);
  at::rand({5});
  trainChooser(labels, PlantedFeatures(), kDepth, settings, 1, b.path(), {}, {}, 3);
  at::set_num_threads(1);
  trainChooser(labels, PlantedFeatures(), kDepth, settings, 2, c.path());
  for (const char* file : kFiles) {
    INFO(file);
    CHECK(testing::slurp(a.path() / file) == testing::slurp(b.path() / file));
  }
  CHECK(testing::slurp(a.path() / "chooser.safetensors") != testing::slurp(c.path() / "chooser.safetensors"));
  const std::string before = testing::slurp(a.path() / "chooser.json");
  const auto stop = [] { return true; };
  CHECK_THROWS_AS(trainChooser(labels, PlantedFeatures(), kDepth, settings, 3, a.path(), {}, stop), Stopped);
  CHECK(testing::slurp(a.path() / "chooser.json") == before);
}

TEST_CASE("of several penalties the one with the least out-of-fold loss is taken") {
  const testing::TemporaryFolder folder;
  TrainSettings settings = quickChooser();
  settings.chooser.penalties = {0.003, 10};  // 10 forbids everything
  CHECK(trainChooser(menuLabels(120), PlantedFeatures(), kDepth, settings, 1, folder.path()).penalty == 0.003);
  const auto kept = nlohmann::json::parse(testing::slurp(folder.path() / "chooser.json"), nullptr, false)["training"];
  CHECK(kept["penalties"] == nlohmann::json({10.0, 0.003}));
  const double uniform = std::log(3.0);
  CHECK(std::abs(kept["out_of_fold_loss"][0].get<double>() - uniform) < 0.05);
  CHECK(kept["out_of_fold_loss"][1].get<double>() < 0.2);
  // Where the features say nothing, the larger one.
  CHECK(trainChooser(menuLabels(120), PlantedFeatures(0), kDepth, settings, 1, folder.path()).penalty == 10);
  settings.folds = 2;  // none is left to compare within: of equal losses, too, the larger one for the folds' models
  trainChooser(menuLabels(120), PlantedFeatures(), kDepth, settings, 1, folder.path());
  CHECK(ChooserModel::load(folder.path(), "chooser")->choice.heldOut.folds == 2);
}

TEST_CASE("a question's scores by the model of its fold, penalty included, do not know its labels") {
  const testing::TemporaryFolder one, other;
  auto labels = menuLabels(60);
  const TrainSettings settings = quickChooser();
  // Calibration maps scores of the same order to probabilities of the same order.
  const auto ranks = [&](const testing::TemporaryFolder& where) {
    trainChooser(labels, PlantedFeatures(), kDepth, settings, 1, where.path());
    return ChooserModel::load(where.path(), "chooser")->choice.heldOut;
  };
  const HeldOut before = ranks(one);
  const std::size_t fold = foldOf(labels[5].example, 5);
  for (ExampleLabels& each : labels)  // all of one fold
    if (foldOf(each.example, 5) == fold)
      for (LabelledProgram& program : each.programs)
        program.evaluation.verdict = program.evaluation.right() ? Verdict::wrong : Verdict::right;
  const HeldOut after = ranks(other);
  const auto bestOf = [](const HeldOut& heldOut, std::size_t row) {
    const auto from = heldOut.probability.begin() + static_cast<std::ptrdiff_t>(9 * row);
    return std::max_element(from, from + 9) - from;
  };
  std::size_t row = 0, compared = 0, same = 0;
  for (std::size_t f = 0; f < 5; ++f)
    for (const char* split : {"train", "validation"})
      for (const ExampleLabels& each : labels) {
        if (each.split != split || foldOf(each.example, 5) != f) continue;
        if (f == fold) {
          ++compared;
          same += bestOf(before, row) == bestOf(after, row) ? 1 : 0;
        }
        ++row;
      }
  CHECK(row == 60);
  CHECK(compared > 4);
  CHECK(same == compared);
}

TEST_CASE("where no program gains anything, the chooser's rule is always the standard program") {
  TrainSettings settings = quickChooser();
  settings.chooser.penalties = {0.01};
  int fooled = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const testing::TemporaryFolder folder;
    auto labels = menuLabels(200);
    Random random(seed, "noise");
    for (ExampleLabels& example : labels)
      for (LabelledProgram& program : example.programs)
        program.evaluation.verdict = random.uniform() < 0.4 ? Verdict::right : Verdict::wrong;
    trainChooser(labels, PlantedFeatures(), kDepth, settings, seed, folder.path());
    fooled += ChooserModel::load(folder.path(), "chooser")->choice.rule({}).standardOnly ? 0 : 1;
  }
  INFO(fooled << " of 20");
  CHECK(fooled <= 2);
}

TEST_CASE("a target of its own decides what is learned, verdicts decide the rule") {
  const testing::TemporaryFolder folder, blind;
  auto labels = menuLabels(300);
  std::vector<ExampleLabels> wrong = labels;
  for (ExampleLabels& each : wrong)
    for (LabelledProgram& program : each.programs) program.evaluation.verdict = Verdict::wrong;
  const ChooserKind kind{"distilled", [](const ExampleLabels& question, const std::vector<Program>& menu) {
                           std::vector<float> target;
                           for (const Program& program : menu)
                             target.push_back(spares(kindOfQuestion(question.example), program) ? 1.0f : 0.0f);
                           return target;
                         }};
  const TrainSettings settings = quickChooser();
  trainChooser(labels, PlantedFeatures(), kDepth, settings, 1, folder.path(), kind);
  const ChooserSummary summary = trainChooser(wrong, PlantedFeatures(), kDepth, settings, 1, blind.path(), kind);
  CHECK(summary.teaching == 300);
  CHECK(summary.passAt1 == 0);
  const auto seeing = ChooserModel::load(folder.path(), "distilled"),
             unseeing = ChooserModel::load(blind.path(), "distilled");
  const at::Tensor features = PlantedFeatures().read(labels[0].example);
  CHECK(at::equal(seeing->scores(features), unseeing->scores(features)));
  CHECK_FALSE(seeing->choice.rule({}).standardOnly);
  CHECK(unseeing->choice.rule({}).standardOnly);
}

TEST_CASE("what cannot be learned from is refused by the chooser's name") {
  const testing::TemporaryFolder folder;
  auto labels = menuLabels(12);
  const auto refusal = [&] {
    return testing::errorOf(
        [&] { trainChooser(labels, PlantedFeatures(), kDepth, quickChooser(), 1, folder.path(), {"distilled", {}}); });
  };
  for (ExampleLabels& each : labels) each.split = "validation";
  CHECK(refusal().starts_with("distilled model: found no labels of train questions"));
  for (ExampleLabels& each : labels) each.programs.resize(1);
  CHECK(refusal().starts_with("distilled model: found no program beside the standard one"));
}

}  // namespace polar
