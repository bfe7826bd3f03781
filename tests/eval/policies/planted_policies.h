// A context for every policy: planted labels, networks and rules, and a model of six layers.
#pragma once

#include <ATen/ATen.h>

#include <atomic>
#include <functional>

#include "llm/language_model.h"
#undef CHECK
#include "byte_tokenizer.h"
#include "catch.h"
#include "eval/planted.h"
#include "eval/policies/policies.h"
#include "evaluation/evaluator.h"
#include "support/error.h"
#include "train/chooser_model.h"
#include "train/predictor.h"
#include "train/question_encoder.h"
#include "train/question_features.h"
#include "train/router.h"
#include "train/value_model.h"

namespace polar::testing {

inline constexpr int kDepth = 6;

// Right where the planted rule says so; by default where the program has six layers or five.
class PlantedEvaluator final : public ProgramEvaluator {
 public:
  using Rule = std::function<bool(const Example&, const Program&)>;
  explicit PlantedEvaluator(Rule rule = [](const Example&, const Program& program) { return program.executed() >= 5; })
      : rule_(std::move(rule)) {}
  int depth() const override { return kDepth; }
  std::vector<Evaluation> evaluate(std::span<const EvaluationTask> tasks) const override {
    std::vector<Evaluation> evaluations(tasks.size());
    for (std::size_t i = 0; i < tasks.size(); ++i)
      evaluations[i].verdict = rule_(*tasks[i].example, tasks[i].program) ? Verdict::right : Verdict::wrong;
    asked_ += tasks.size();
    return evaluations;
  }
  mutable std::atomic<std::size_t> asked_ = 0;

 private:
  Rule rule_;
};

class LengthEncoder final : public QuestionEncoder {
 public:
  at::Tensor encode(const Example& example) const override {
    return at::full({3, 8}, static_cast<double>(example.question.size()) / 10);
  }
  int width() const override { return 8; }
  std::int64_t layerTokens(const Example&) const override { return 18; }
};

class LengthFeatures final : public QuestionFeatures {
 public:
  at::Tensor read(const Example& example) const override {
    return at::full({3}, static_cast<double>(example.question.size()) / 10);
  }
  int width() const override { return 3; }
  std::int64_t layerTokens(const Example&) const override { return 7; }
};

inline std::vector<Program> plantedMenu() {
  std::vector<Program> menu;
  for (const char* text : {"0-5", "1-5", "0-5,5", "0-4"}) menu.push_back(Program::parse(text, kDepth));
  return menu;
}

// Any program but the standard one is promised to be right, and is: the rule is threshold 0.2 at any price.
inline HeldOut plantedHeldOut() {
  HeldOut heldOut;
  heldOut.folds = 5;
  for (int q = 0; q < 100; ++q) {
    for (const float p : {0.1f, 0.8f, 0.9f, 0.7f}) heldOut.probability.push_back(p);
    for (const float right : {0.0f, 1.0f, 1.0f, 1.0f}) heldOut.right.push_back(right);
  }
  return heldOut;
}

inline std::shared_ptr<const ValueModel> plantedValueModel() {
  auto model = std::make_shared<ValueModel>(ValueShape{kDepth, 3, 4, 8, 2, 0}, plantedMenu(), 4);
  model->choice.heldOut = plantedHeldOut();
  return model;
}

// `best`: place in the menu of the program that it finds likeliest on every question.
inline std::shared_ptr<const ChooserModel> plantedChooser(std::int64_t best) {
  auto model = std::make_shared<ChooserModel>(ChooserShape{kDepth, 3, 4, 2, 1}, MenuChoice(plantedMenu(), kDepth));
  model->choice.heldOut = plantedHeldOut();
  model->weights.intercepts[best] = 3;
  model->weights.calibration[4] = 1;  // P(right) = sigmoid(score)
  return model;
}

inline std::vector<ExampleLabels> plantedLabels() {
  std::vector<ExampleLabels> labels;
  const auto add = [&](int i, const std::string& split, std::vector<LabelledProgram> programs) {
    ExampleLabels example;
    example.example = plantedExample(i);
    example.split = split;
    example.programs = std::move(programs);
    labels.push_back(std::move(example));
  };
  const Verdict right = Verdict::right, wrong = Verdict::wrong;
  // Three validation examples. Share right: 0-5 1/3; 1-5 and 0,2-5 2/3, equally long; 0-5,5 2/3 but longer;
  // 0-4 is right on both examples it was run on, and 2-5 only where it was sampled.
  add(0, "validation",
      {planted("0-5", 6, right), planted("1-5", 6, right), planted("0,2-5", 6, right), planted("0-5,5", 6, right),
       planted("0-4", 6, right), planted("2-5", 6, right, "sample"), planted("0-5", 6, right, "sample")});
  add(1, "validation",
      {planted("0-5", 6, wrong), planted("1-5", 6, right), planted("0,2-5", 6, wrong), planted("0-5,5", 6, wrong),
       planted("0-4", 6, right), planted("2-5", 6, right, "sample"), planted("0-5", 6, right, "sample")});
  add(2, "validation",
      {planted("0-5", 6, wrong), planted("1-5", 6, wrong), planted("0,2-5", 6, right), planted("0-5,5", 6, right),
       planted("2-5", 6, right, "sample")});
  add(3, "train",
      {planted("0-5", 6, wrong), planted("0-5,4-5", 6, right), planted("1-5", 6, wrong), planted("0,2-5", 6, wrong),
       planted("0-5,5", 6, wrong)});
  return labels;
}

inline std::vector<ExampleLabels> oracleLabels() {
  std::vector<ExampleLabels> labels;
  for (int i = 10; i < 14; ++i) {
    ExampleLabels example;
    example.example = plantedExample(i);
    if (i < 13)
      example.programs = {planted("0-5", 6, Verdict::right),     planted("0-5,5", 6, Verdict::right),
                          planted("1-5", 6, Verdict::right),     planted("0-4", 6, Verdict::right),
                          planted("2-5", 6, Verdict::undecided), planted("3-5", 6, Verdict::right, "sample")};
    else
      example.programs = {planted("0-5", 6, Verdict::wrong), planted("1-5", 6, Verdict::wrong),
                          planted("0-5", 6, Verdict::right, "sample")};
    labels.push_back(std::move(example));
  }
  return labels;
}

struct Planted {
  std::vector<ExampleLabels> labels = plantedLabels(), oracle = oracleLabels();
  PlantedEvaluator evaluator;
  PolicyContext context;
  Planted() {
    context.space = {kDepth, 4, 2, true, true};
    context.maxEdits = 2;
    context.votes = 4;
    context.evaluator = &evaluator;
    context.labels = &labels;
    context.oracleLabels = &oracle;
    context.encoder = std::make_shared<LengthEncoder>();
    PredictorShape shape;
    shape.depth = kDepth;
    shape.inputWidth = 8;
    shape.width = 16;
    shape.heads = 2;
    context.predictor = std::make_shared<ProgramPredictor>(shape, 5);
    context.features = std::make_shared<LengthFeatures>();
    context.value = plantedValueModel();
    context.chooser = plantedChooser(2);
    context.distilled = plantedChooser(3);
    context.model = LanguageModel::load(fixture("llm/tiny-llama-a"));
    context.router = std::make_shared<LayerRouter>(RouterShape{kDepth, context.model->config().width, 8, 3}, 3);
    context.prompts = std::make_shared<PromptBuilder>(
        PromptTemplate{.name = "test", .head = "Answer:\n", .body = "Q: {question}\n", .system = "", .stop = ""},
        std::make_shared<ByteTokenizer>(context.model->config().vocabulary));
  }
};

inline std::vector<std::string> texts(const std::vector<Program>& programs) {
  std::vector<std::string> list;
  for (const Program& program : programs) list.push_back(program.text());
  return list;
}

inline std::string errorOf(const std::string& name, const PolicyContext& context) {
  try {
    makePolicy(name, context);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

using Texts = std::vector<std::string>;

}  // namespace polar::testing
