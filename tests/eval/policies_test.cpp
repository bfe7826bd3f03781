#include "eval/policy.h"

#include <ATen/ops/full.h>

#include <algorithm>
#include <set>

#include "catch.h"
#include "eval/planted.h"
#include "support/error.h"
#include "train/predictor.h"
#include "train/question_encoder.h"

using namespace polar;
using namespace polar::testing;

namespace {

constexpr int kDepth = 6;

class LengthEncoder final : public QuestionEncoder {
 public:
  at::Tensor encode(const Example& example) const override {
    return at::full({3, 8}, static_cast<double>(example.question.size()) / 10);
  }
  int width() const override { return 8; }
  std::int64_t layerTokens(const Example&) const override { return 18; }
};

std::vector<ExampleLabels> plantedLabels() {
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
  add(0, "validation", {planted("0-5", 6, right), planted("1-5", 6, right), planted("0,2-5", 6, right),
                        planted("0-5,5", 6, right), planted("0-4", 6, right), planted("2-5", 6, right, "sample"),
                        planted("0-5", 6, right, "sample")});
  add(1, "validation", {planted("0-5", 6, wrong), planted("1-5", 6, right), planted("0,2-5", 6, wrong),
                        planted("0-5,5", 6, wrong), planted("0-4", 6, right), planted("2-5", 6, right, "sample"),
                        planted("0-5", 6, right, "sample")});
  add(2, "validation", {planted("0-5", 6, wrong), planted("1-5", 6, wrong), planted("0,2-5", 6, right),
                        planted("0-5,5", 6, right), planted("2-5", 6, right, "sample")});
  add(3, "train", {planted("0-5", 6, wrong), planted("0-5,4-5", 6, right)});
  return labels;
}

std::vector<ExampleLabels> oracleLabels() {
  std::vector<ExampleLabels> labels;
  for (int i = 10; i < 14; ++i) {
    ExampleLabels example;
    example.example = plantedExample(i);
    if (i < 13)
      example.programs = {planted("0-5", 6, Verdict::right), planted("0-5,5", 6, Verdict::right),
                          planted("1-5", 6, Verdict::right), planted("0-4", 6, Verdict::right),
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
  PolicyContext context;
  Planted() {
    context.space = {kDepth, 4, 2, true, true};
    context.maxEdits = 2;
    context.labels = &labels;
    context.oracleLabels = &oracle;
    context.encoder = std::make_shared<LengthEncoder>();
    PredictorShape shape;
    shape.depth = kDepth;
    shape.inputWidth = 8;
    shape.width = 16;
    shape.heads = 2;
    context.predictor = std::make_shared<ProgramPredictor>(shape, 5);
  }
};

std::vector<std::string> texts(const std::vector<Program>& programs) {
  std::vector<std::string> list;
  for (const Program& program : programs) list.push_back(program.text());
  return list;
}

std::string errorOf(const std::string& name, const PolicyContext& context) {
  try {
    makePolicy(name, context);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("every policy ranks 1 to k distinct programs of the depth, the same each time") {
  const Planted setup;
  for (const std::string& name : policyNames()) {
    CAPTURE(name);
    const auto policy = makePolicy(name, setup.context), again = makePolicy(name, setup.context);
    CHECK(policy->name() == name);
    CHECK(policy->usesAnswer() == (name == "oracle"));
    for (int i = 10; i < 14; ++i)
      for (const int k : {1, 2, 5}) {
        const Example example = plantedExample(i);
        const std::vector<Program> ranked = policy->rank(example, k);
        CHECK(!ranked.empty());
        CHECK(ranked.size() <= static_cast<std::size_t>(k));
        CHECK(std::set<Program>(ranked.begin(), ranked.end()).size() == ranked.size());
        for (const Program& program : ranked)
          for (const LayerIndex layer : program.layers()) CHECK(layer < kDepth);
        CHECK(texts(again->rank(example, k)) == texts(ranked));
        CHECK(policy->choosingLayerTokens(example) == (name == "predictor" ? 18 : 0));
        if (policy->usesAnswer()) continue;
        Example other = example;
        other.answer = "another";
        other.solution = "another";
        CHECK(texts(policy->rank(other, k)) == texts(ranked));
      }
  }
}

TEST_CASE("standard is the standard program alone") {
  CHECK(texts(makePolicy("standard", Planted().context)->rank(plantedExample(1), 5)) == Texts{"0-5"});
}

TEST_CASE("static ranks by validation accuracy, then fewer layers, then text, among programs run everywhere") {
  const Planted setup;
  const auto policy = makePolicy("static", setup.context);
  CHECK(texts(policy->rank(plantedExample(10), 9)) == Texts{"0,2-5", "1-5", "0-5,5", "0-5"});
  CHECK(texts(policy->rank(plantedExample(11), 2)) == Texts{"0,2-5", "1-5"});

  PolicyContext context = setup.context;
  std::vector<ExampleLabels> labels = {setup.labels.back()};
  context.labels = &labels;
  CHECK(without(errorOf("static", context), "no labels of validation examples") == "");
  labels = setup.labels;
  labels[0].programs.erase(labels[0].programs.begin(), labels[0].programs.begin() + 4);
  CHECK(without(errorOf("static", context), "all 3 validation examples") == "");
}

TEST_CASE("random draws from the edit space by seed and example id") {
  Planted setup;
  const auto policy = makePolicy("random", setup.context);
  std::set<Program> firsts;
  for (int i = 0; i < 200; ++i)
    for (const Program& program : policy->rank(plantedExample(i), 5)) {
      const auto edits = editsOf(program, setup.context.space);
      REQUIRE(edits);
      CHECK(edits->size() <= 2);
      firsts.insert(policy->rank(plantedExample(i), 5).front());
    }
  CHECK(firsts.size() > 60);
  CHECK(policy->rank(plantedExample(1), 5).size() == 5);
  CHECK(texts(policy->rank(plantedExample(1), 1)).front() == texts(policy->rank(plantedExample(1), 5)).front());

  setup.context.seed = 2;
  CHECK(texts(makePolicy("random", setup.context)->rank(plantedExample(1), 5)) !=
        texts(policy->rank(plantedExample(1), 5)));
  // One layer, skips alone: a space of one program.
  setup.context.space = {1, 4, 4, true, false};
  CHECK(texts(makePolicy("random", setup.context)->rank(plantedExample(1), 5)) == Texts{""});
  setup.context.space = {6, 4, 4, false, false};
  CHECK(texts(makePolicy("random", setup.context)->rank(plantedExample(1), 5)) == Texts{"0-5"});
}

TEST_CASE("oracle takes the shortest valid programs, else the standard program") {
  const Planted setup;
  const auto policy = makePolicy("oracle", setup.context);
  CHECK(texts(policy->rank(plantedExample(10), 9)) == Texts{"0-4", "1-5", "0-5", "0-5,5"});
  CHECK(texts(policy->rank(plantedExample(10), 1)) == Texts{"0-4"});
  CHECK(texts(policy->rank(plantedExample(13), 5)) == Texts{"0-5"});
  CHECK_THROWS_AS(policy->rank(plantedExample(99), 5), InputError);
}

TEST_CASE("predictor ranks what it proposes") {
  const Planted setup;
  const auto policy = makePolicy("predictor", setup.context);
  const Example example = plantedExample(10);
  const auto proposed = setup.context.predictor->propose(LengthEncoder().encode(example), 5, setup.context.beam);
  const std::vector<Program> ranked = policy->rank(example, 5);
  REQUIRE(ranked.size() == proposed.size());
  for (std::size_t i = 0; i < ranked.size(); ++i) CHECK(ranked[i].text() == proposed[i].program.text());
}

TEST_CASE("a policy says what its context lacks") {
  const Planted setup;
  PolicyContext bare;
  bare.space.depth = kDepth;
  CHECK(without(errorOf("static", bare), "policy 'static': found no oracle labels") == "");
  CHECK(without(errorOf("predictor", bare), "policy 'predictor': found no trained predictor") == "");
  CHECK(without(errorOf("predictor", bare), "run polar train") == "");
  CHECK(without(errorOf("oracle", bare), "policy 'oracle': found no oracle labels") == "");
  CHECK(errorOf("standard", bare).empty());
  CHECK(errorOf("random", bare).empty());

  PolicyContext context = setup.context;
  context.encoder = nullptr;
  CHECK(without(errorOf("predictor", context), "no question encoder") == "");
  context = setup.context;
  context.space.depth = 7;
  CHECK(without(errorOf("predictor", context), "a predictor for 6 layers, expected one for the model's 7") == "");
}

TEST_CASE("an unknown policy name is answered with the nearest and all known ones") {
  const std::string error = errorOf("predicter", Planted().context);
  CHECK(without(error, "did you mean 'predictor'?") == "");
  for (const std::string& name : policyNames()) CHECK(without(error, name) == "");
  CHECK_NOTHROW(requirePolicyNames(policyNames()));
  CHECK_NOTHROW(requirePolicyNames({}));
  CHECK_THROWS_AS(requirePolicyNames({"standard", "predicter"}), InputError);
}
