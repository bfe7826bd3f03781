// What the value model is made of: choices, rules, the table of labels, calibration, files.
#include <ATen/ATen.h>
#undef CHECK

#include <cmath>
#include <limits>
#include <vector>

#include "catch.h"
#include "input_error.h"
#include "planted.h"
#include "support/error.h"
#include "train/calibration.h"
#include "train/value_model.h"
#include "train/value_table.h"

namespace polar {

using namespace testing::planted;

namespace {

ValueModel modelOfThree() {
  const std::vector<Program> menu{Program::parse("0-3", 4), Program::parse("0-2", 4), Program::parse("0-3,3", 4)};
  return ValueModel({4, 2, 3, 4, 1, 0}, menu, 1);
}

using Order = std::vector<std::size_t>;

}  // namespace

TEST_CASE("choices: gain over the standard program, layer price, abstention, ties") {
  const ValueModel model = modelOfThree();  // 4, 3 and 5 layers
  CHECK(model.choice.rank({0.5, 0.4, 0.7}, {}, 0, 3) == Order{2, 0, 1});
  CHECK(model.choice.rank({0.5, 0.4, 0.7}, {}, 0.25, 3) == Order{0, 2, 1});  // 0.2 is too little
  CHECK(model.choice.rank({0.5, 0.4, 0.7}, {}, 0, 1) == Order{2});
  // A layer costs a quarter of the price: 0.4 with one layer less is worth more than 0.5, 0.7 with one more is not.
  CHECK(model.choice.rank({0.5, 0.4, 0.7}, {1}, 0, 3) == Order{1, 0, 2});
  CHECK(model.choice.rank({0.5, 0.5, 0.5}, {}, 0, 3) == Order{0, 1, 2});
  CHECK(model.choice.rank({0.5, 0.5, 0.5}, {0.1}, 0, 3) == Order{1, 0, 2});
  CHECK(model.choice.rank({0.1, 0.6, 0.7}, {}, 0, 3) == Order{2, 1, 0});
}

TEST_CASE("certainty: that of the sign test for answers won and lost, and never from a few questions") {
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
  // One layer less on every question and no answer won or lost: certain with 400 questions, not with 3.
  CHECK(certaintyOf(std::vector<double>(400, 0.02)) > 0.99);
  CHECK(certaintyOf(std::vector<double>(3, 0.02)) < 0.6);
}

TEST_CASE("a rule: of the candidates whose gain is certain the one that gains most, else always standard") {
  const auto mixed = [](int won, int lost, int level) {
    std::vector<double> all(static_cast<std::size_t>(won), 1.0);
    all.insert(all.end(), static_cast<std::size_t>(lost), -1.0);
    all.insert(all.end(), static_cast<std::size_t>(level), 0.0);
    return all;
  };
  CHECK(bestRule({}).standardOnly);
  // More gain, but not certain; less gain, but certain; the same again with a larger threshold.
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

TEST_CASE("value rules pay for layers and for reading, and name what they were tuned on") {
  ValueModel model = modelOfThree();  // 4, 3 and 5 layers
  CHECK(model.choice.rule({}).standardOnly);
  CHECK(ruleText(model.choice.rule({}), 0).find("always standard") != std::string::npos);
  // On half of the questions the shorter program is predicted to be right and is; on the others none is.
  model.choice.heldOut.folds = 5;
  for (int q = 0; q < 200; ++q) {
    const bool promised = q % 2 == 0;
    for (const float p : {0.4f, promised ? 0.75f : 0.2f, 0.1f}) model.choice.heldOut.probability.push_back(p);
    for (const float right : {0.0f, promised ? 1.0f : 0.0f, 0.0f}) model.choice.heldOut.right.push_back(right);
  }
  ChoiceRule rule = model.choice.rule({});
  CHECK_FALSE(rule.standardOnly);
  CHECK(rule.threshold == 0.2);
  CHECK(rule.gain == 0.5);
  CHECK(rule.questions == 200);
  const std::string text = ruleText(rule, 0);
  INFO(text);
  CHECK(text.find("price 0: threshold 0.2") != std::string::npos);
  CHECK(text.find("200 questions in 5 folds: gain +0.500") != std::string::npos);
  // One layer less saves a quarter of the price, on 100 of 200 questions.
  CHECK(std::abs(model.choice.rule({0.4}).gain - (0.5 + 0.4 / 8)) < 1e-6);
  model.choice.heldOut.readingCost = 0.5;
  CHECK(std::abs(model.choice.rule({0.4}).gain - (0.5 + 0.4 / 8 - 0.2)) < 1e-6);
  model.choice.heldOut.readingCost = 2;
  // What a program begins with is not paid: 0-2 begins with three layers read, and of four it lacks one, which is a
  // quarter of the reading on half of the questions.
  CHECK(std::abs(model.choice.rule({0.4, 3}).gain - (0.5 + 0.4 / 8)) < 1e-6);
  CHECK_FALSE(model.choice.rule({0.4, 3}).standardOnly);
  CHECK(std::abs(model.choice.rule({0.4, 4}).gain - (0.5 + 0.4 / 8 - 0.4 * 2 / 4 / 2)) < 1e-6);
  rule = model.choice.rule({0.4});
  CHECK(rule.standardOnly);
  CHECK(rule.gain < 0);
  CHECK(ruleText(rule, 0.4).starts_with("price 0.4: always standard"));
  // The same for all questions: the standard program, then the others by their mean gain on the held-out questions.
  CHECK(model.choice.fixedRanking(0) == Order{0, 1, 2});
  for (float& right : model.choice.heldOut.right) right = 0;
  CHECK(model.choice.fixedRanking(0.1) == Order{0, 1, 2});
  CHECK(model.choice.fixedRanking(-0.1) == Order{0, 2, 1});
}

TEST_CASE("what answers cost in the labels counts, not their layers, and what is read in vain") {
  ValueModel model = modelOfThree();  // 4, 3 and 5 layers
  HeldOut& heldOut = model.choice.heldOut;
  CHECK(model.choice.rank({0.5, 0.5, 0.5}, {0.1}, 0, 3) == Order{1, 0, 2});
  heldOut.answerCost = {1, 1.5, 0.75};  // the shorter program's answers are long
  CHECK(model.choice.rank({0.5, 0.5, 0.5}, {0.1}, 0, 3) == Order{2, 0, 1});
  heldOut.right = {0, 0, 0};
  CHECK(model.choice.fixedRanking(0.1) == Order{0, 2, 1});
  CHECK(model.choice.fixedRanking(-0.1) == Order{0, 1, 2});
  // Four layers are read: 0-2 does not run the last of them, which costs as much as it saves.
  heldOut = {};
  heldOut.readingCost = 1;
  CHECK(model.choice.rank({0.5, 0.55, 0.5}, {1, 3}, 0, 2) == Order{1, 0});
  CHECK(model.choice.rank({0.5, 0.49, 0.5}, {1, 3}, 0, 2) == Order{1, 0});
  CHECK(model.choice.rank({0.5, 0.49, 0.5}, {1, 4}, 0, 2) == Order{0, 1});
  heldOut = {{0, 1, 0}, {0, 1, 0}, 1, 0, {1, 0.5, 1}};
  CHECK(model.choice.rule({}).cost == 0.5);
  CHECK(ruleText(model.choice.rule({}), 0).find("gain +1.000 at 0.5 of its layer-tokens") != std::string::npos);
}

TEST_CASE("costs of answers: means over questions in units of the first program's, none where labels lack them") {
  auto labels = plantedLabels(2);
  const std::vector<const ExampleLabels*> questions{&labels[0], &labels[1]};
  const std::vector<Program> menu = commonMenu(labels, kDepth);
  CHECK(answerCosts(questions, menu).empty());
  for (ExampleLabels& each : labels)
    for (LabelledProgram& program : each.programs) {
      program.evaluation.prefillLayerTokens = 10 * program.program.executed();
      program.evaluation.decodeLayerTokens = program.program == menu[0] ? 0 : program.program.executed();
    }
  const std::vector<double> costs = answerCosts(questions, menu);
  REQUIRE(costs.size() == menu.size());
  CHECK(costs[0] == 1);
  CHECK(std::abs(costs[1] - 1.1 * menu[1].executed() / menu[0].executed()) < 1e-12);
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
  CHECK(shareOfAnswer(30, labels, kDepth) == 1);  // no costs in the labels
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
  CHECK((ValueModel::load(folder.path(), 4)->choice.menu() == model.choice.menu()));
  CHECK(testing::errorOf([&] { ValueModel::load(folder.path(), 5); }).find("for a model of 4 layers") !=
        std::string::npos);
  CHECK_THROWS_AS(model.probabilities(at::zeros({7})), InputError);
  const auto json = folder.path() / "value.json";
  std::string text = testing::slurp(json);
  std::string older = text;
  older.replace(older.find("polar-value-3"), 13, "polar-value-2");
  testing::spill(json, older);
  CHECK(testing::errorOf([&] { ValueModel::load(folder.path(), 4); }).find("train again") != std::string::npos);
  text.replace(text.find("\"0-2\""), 5, "\"0-9\"");
  testing::spill(json, text);
  CHECK_THROWS_AS(ValueModel::load(folder.path(), 4), InputError);
}

}  // namespace polar
