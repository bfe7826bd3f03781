#include "train/trainer.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <limits>
#include <set>
#include <string>

#include "planted.h"
#undef CHECK
#include "catch.h"
#include "input_error.h"
#include "support/error.h"

namespace polar {

using namespace testing::planted;

namespace {

TrainSettings quickSettings() {
  TrainSettings settings;
  settings.width = 32;
  settings.epochs = 12;
  settings.batch = 16;
  settings.learningRate = 3e-3;
  return settings;
}

std::ptrdiff_t lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

}  // namespace

TEST_CASE("training finds a planted rule from question to program") {
  const testing::TemporaryFolder folder;
  at::set_num_threads(1);
  const auto labels = plantedLabels(400);
  const auto summary = trainPredictor(labels, PlantedEncoder(), kDepth, quickSettings(), 1, folder.path());
  CHECK(summary.trainQuestions == 300);
  CHECK(summary.validationQuestions == 100);
  CHECK(summary.programs == 300);
  CHECK(summary.dropped == 0);
  CHECK(summary.bestValidation >= 0.95);  // chance: 0.25
  CHECK(lines(testing::slurp(folder.path() / "log.jsonl")) == 12);

  // What was saved is what was measured.
  const auto predictor = ProgramPredictor::load(folder.path(), kDepth);
  int found = 0;
  for (const ExampleLabels& example : labels)
    if (example.split == "validation")
      found += predictor->propose(PlantedEncoder().encode(example.example), 5, 5).front().program ==
                       Program::parse(kPlanted[kindOfQuestion(example.example)], kDepth)
                   ? 1
                   : 0;
  CHECK(found == static_cast<int>(summary.bestValidation * 100 + 0.5));
}

TEST_CASE("validation is pass@1 as executed: what has no label is run, once for each question and program") {
  const testing::TemporaryFolder with, without;
  auto labels = plantedLabels(80);
  // Validation questions keep one right label; any other program that the predictor writes for them must be run.
  for (ExampleLabels& example : labels)
    if (example.split == "validation")
      example.programs = {example.programs[static_cast<std::size_t>(kindOfQuestion(example.example))]};
  std::vector<std::string> ran;
  const RunProgram run = [&](const Example& example, const Program& program) {
    ran.push_back(example.id + " " + program.text());
    return true;
  };
  const auto summary = trainPredictor(labels, PlantedEncoder(0), kDepth, quickSettings(), 1, with.path(), run);
  CHECK(summary.bestValidation == 1);  // every answer that was run is called right
  CHECK(!ran.empty());
  std::sort(ran.begin(), ran.end());
  CHECK(std::adjacent_find(ran.begin(), ran.end()) == ran.end());
  CHECK(trainPredictor(labels, PlantedEncoder(0), kDepth, quickSettings(), 1, without.path()).bestValidation < 0.8);
}

TEST_CASE("without the feature the rule is not found") {
  // The planted test must be able to fail: with an encoder that says nothing, training stays near chance.
  const testing::TemporaryFolder folder;
  const auto summary = trainPredictor(plantedLabels(240), PlantedEncoder(0), kDepth, quickSettings(), 1, folder.path());
  CHECK(summary.bestValidation < 0.6);
}

TEST_CASE("the same seed gives the same bytes, whatever the threads and torch's generator did") {
  TrainSettings settings = quickSettings();
  settings.epochs = 2;
  const auto labels = plantedLabels(60);
  const testing::TemporaryFolder a, b, c;
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  trainPredictor(labels, PlantedEncoder(), kDepth, settings, 1, a.path());
  at::set_num_threads(2);
  (void)at::rand({17});
  trainPredictor(labels, PlantedEncoder(), kDepth, settings, 1, b.path());
  CHECK(at::get_num_threads() == 2);
  at::set_num_threads(threads);
  trainPredictor(labels, PlantedEncoder(), kDepth, settings, 2, c.path());
  for (const char* file : {"predictor.safetensors", "predictor.json", "log.jsonl"})
    CHECK(testing::slurp(a.path() / file) == testing::slurp(b.path() / file));
  CHECK(testing::slurp(a.path() / "predictor.safetensors") != testing::slurp(c.path() / "predictor.safetensors"));
}

TEST_CASE("predictor training: any number of workers gives the same bytes") {
  TrainSettings settings = quickSettings();
  settings.epochs = 2;
  settings.batch = 32;
  const auto labels = plantedLabels(120);
  const testing::TemporaryFolder one, two, three;
  const RunProgram run = [](const Example& example, const Program& program) {
    return stableHash(example.id + program.text()) % 2 == 0;
  };
  trainPredictor(labels, PlantedEncoder(), kDepth, settings, 1, one.path(), run, {}, 1);
  trainPredictor(labels, PlantedEncoder(), kDepth, settings, 1, two.path(), run, {}, 2);
  trainPredictor(labels, PlantedEncoder(), kDepth, settings, 1, three.path(), run, {}, 3);
  for (const char* file : {"predictor.safetensors", "predictor.json", "log.jsonl"}) {
    INFO(file);
    CHECK(testing::slurp(one.path() / file) == testing::slurp(two.path() / file));
    CHECK(testing::slurp(one.path() / file) == testing::slurp(three.path() / file));
  }
}

TEST_CASE("validation questions without a right program count: their pass@1, not their loss") {
  TrainSettings settings = quickSettings();
  settings.epochs = 2;
  auto labels = plantedLabels(80);
  // Of 20 validation questions, 8 are answered by no program, the others by every program.
  int count = 0;
  std::set<std::string> answered;
  for (ExampleLabels& example : labels) {
    if (example.split != "validation") continue;
    const bool answers = ++count > 8;
    if (answers) answered.insert(example.example.id);
    for (LabelledProgram& program : example.programs)
      program.evaluation.verdict = answers ? Verdict::right : Verdict::wrong;
  }
  const RunProgram run = [&](const Example& example, const Program&) { return answered.contains(example.id); };
  const testing::TemporaryFolder some, none;
  const auto summary = trainPredictor(labels, PlantedEncoder(), kDepth, settings, 1, some.path(), run);
  CHECK(summary.validationQuestions == 20);
  CHECK(summary.bestValidation == 0.6);
  CHECK(testing::slurp(some.path() / "log.jsonl").find("\"validation_loss\":null") == std::string::npos);
  for (ExampleLabels& example : labels)
    if (example.split == "validation")
      for (LabelledProgram& program : example.programs) program.evaluation.verdict = Verdict::wrong;
  CHECK(trainPredictor(labels, PlantedEncoder(), kDepth, settings, 1, none.path()).bestEpoch == 1);
  CHECK(testing::slurp(none.path() / "log.jsonl").find("\"validation_loss\":null") != std::string::npos);
}

TEST_CASE("without validation questions the last epoch is kept") {
  TrainSettings settings = quickSettings();
  settings.epochs = 3;
  auto labels = plantedLabels(40);
  for (ExampleLabels& example : labels) example.split = "train";
  const testing::TemporaryFolder folder;
  const auto summary = trainPredictor(labels, PlantedEncoder(), kDepth, settings, 1, folder.path());
  CHECK(summary.bestEpoch == 3);
  CHECK(summary.validationQuestions == 0);
  CHECK(testing::slurp(folder.path() / "log.jsonl").find("\"validation_loss\":null") != std::string::npos);
}

TEST_CASE("nothing to train on, a diverged loss and a stop are different errors") {
  const testing::TemporaryFolder folder;
  const auto predictor = folder.path() / "predictor.json";
  auto labels = plantedLabels(20);
  int asked = 0;
  CHECK_THROWS_AS(trainPredictor(labels, PlantedEncoder(), kDepth, quickSettings(), 1, folder.path(), {},
                                 [&] { return ++asked > 22; }),
                  Stopped);
  CHECK(asked == 23);  // 20 encodings, a batch, a validation question
  CHECK_FALSE(std::filesystem::exists(predictor));
  const auto error = [&](const PlantedEncoder& encoder) {
    return testing::errorOf([&] { trainPredictor(labels, encoder, kDepth, quickSettings(), 1, folder.path()); });
  };
  CHECK(error(PlantedEncoder(std::numeric_limits<float>::infinity())).find("learning_rate") != std::string::npos);
  for (ExampleLabels& example : labels)
    for (LabelledProgram& program : example.programs) program.evaluation.verdict = Verdict::wrong;
  CHECK(error(PlantedEncoder()).find("search more") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(predictor));
}

}  // namespace polar
