#include "eval/policy.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <set>

#include "llm/language_model.h"
#undef CHECK
#include "byte_tokenizer.h"
#include "catch.h"
#include "eval/planted.h"
#include "eval/vote.h"
#include "support/error.h"
#include "train/predictor.h"
#include "train/question_encoder.h"
#include "train/question_features.h"
#include "train/router.h"
#include "train/value_model.h"

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

class LengthFeatures final : public QuestionFeatures {
 public:
  at::Tensor read(const Example& example) const override {
    return at::full({3}, static_cast<double>(example.question.size()) / 10);
  }
  int width() const override { return 3; }
  std::int64_t layerTokens(const Example&) const override { return 7; }
};

std::shared_ptr<const ValueModel> plantedValueModel() {
  std::vector<Program> menu;
  for (const char* text : {"0-5", "1-5", "0-5,5", "0-4"}) menu.push_back(Program::parse(text, kDepth));
  return std::make_shared<ValueModel>(ValueShape{kDepth, 3, 4, 8, 2, 0}, menu, 4);
}

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
  add(3, "train", {planted("0-5", 6, wrong), planted("0-5,4-5", 6, right), planted("1-5", 6, wrong),
                   planted("0,2-5", 6, wrong), planted("0-5,5", 6, wrong)});
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
    context.votes = 4;
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
    context.model = LanguageModel::load(fixture("llm/tiny-llama-a"));
    context.router = std::make_shared<LayerRouter>(RouterShape{kDepth, context.model->config().width, 8, 3}, 3);
    context.prompts = std::make_shared<PromptBuilder>(
        PromptTemplate{.name = "test", .head = "Answer:\n", .body = "Q: {question}\n", .system = "", .stop = ""},
        std::make_shared<ByteTokenizer>(context.model->config().vocabulary));
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
        CHECK(policy->choosingLayerTokens(example) == (name == "predictor" ? 18 : name == "value" ? 7 : 0));
        const std::vector<Choice> choices = policy->choices(example, k);
        CHECK(!choices.empty());
        CHECK(choices.size() <= static_cast<std::size_t>(k));
        CHECK(std::set<Choice>(choices.begin(), choices.end()).size() == choices.size());
        CHECK((again->choices(example, k) == choices));
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

TEST_CASE("value ranks by the model's probabilities at the context's price") {
  Planted setup;
  const Example example = plantedExample(10);
  const at::Tensor row = setup.context.value->probabilities(LengthFeatures().read(example)).to(at::kDouble);
  const std::vector<double> p(row.data_ptr<double>(), row.data_ptr<double>() + row.numel());
  const std::vector<Program> ranked = makePolicy("value", setup.context)->rank(example, 4);
  const auto expected = setup.context.value->rank(p, 0, 0, 4);
  REQUIRE(ranked.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) CHECK((ranked[i] == setup.context.value->menu()[expected[i]]));
  setup.context.price = 90;  // nothing but layers counts
  CHECK(makePolicy("value", setup.context)->rank(example, 1).front().executed() == 5);
  setup.context.price = -90;
  CHECK(makePolicy("value", setup.context)->rank(example, 1).front().text() == "0-5,5");
}

TEST_CASE("samples draw the standard program, seeded by question") {
  const Planted setup;
  const auto policy = makePolicy("samples", setup.context);
  const auto choices = policy->choices(plantedExample(1), 3);
  REQUIRE(choices.size() == 3);
  for (const Choice& choice : choices) {
    CHECK(choice.program.text() == "0-5");
    CHECK(choice.temperature == setup.context.sampleTemperature);
  }
  CHECK(policy->choices(plantedExample(2), 3).front().seed != choices.front().seed);
  Example moved = plantedExample(1);
  moved.id = "elsewhere/7";
  CHECK((policy->choices(moved, 3) == choices));
}

TEST_CASE("shortgpt leaves out a quarter of the layers, those that change the state least, then fewer") {
  const Planted setup;
  const auto programs = makePolicy("shortgpt", setup.context)->rank(plantedExample(1), 5);
  REQUIRE(programs.size() == 3);  // 6 layers: 2 out, 1 out, none
  CHECK(programs[0].executed() == 4);
  CHECK(programs[1].executed() == 5);
  CHECK(programs[2].text() == "0-5");
  // Block influence, once more and by hand: the one layer that goes first has the highest cosine.
  const auto tokens = setup.context.prompts->build(setup.labels[3].example).tokens;
  double highest = -2;
  int least = -1;
  for (int layer = 0; layer < kDepth; ++layer) {
    const at::Tensor before = hiddenStates(*setup.context.model, tokens, layer),
                     after = hiddenStates(*setup.context.model, tokens, layer + 1);
    const at::Tensor lengths = before.square().sum(1).sqrt() * after.square().sum(1).sqrt();
    const double cosine = ((before * after).sum(1) / lengths).mean().item<double>();
    if (cosine > highest) least = layer;
    highest = std::max(highest, cosine);
  }
  for (const LayerIndex layer : programs[1].layers()) CHECK(layer != least);
}

TEST_CASE("early exit ends a program behind its middle, or not at all") {
  const Planted setup;
  const auto policy = makePolicy("early_exit", setup.context);
  for (int i = 0; i < 5; ++i)
    for (const Program& program : policy->rank(plantedExample(i), 4)) {
      CHECK(program == Program::standard(program.executed()));
      CHECK(program.executed() >= kDepth / 2);
    }
}

TEST_CASE("cascade chooses its pair and threshold on validation, and keeps the larger margin") {
  Planted setup;
  // The standard program is right where its margin is high; 1-5 on the others, where its own margin is the higher.
  std::vector<ExampleLabels> labels;
  for (int i = 0; i < 20; ++i) {
    ExampleLabels example;
    example.example = plantedExample(i);
    example.split = "validation";
    const bool sure = i % 2 == 0;
    example.programs = {planted("0-5", 6, sure ? Verdict::right : Verdict::wrong),
                        planted("1-5", 6, sure ? Verdict::wrong : Verdict::right)};
    example.programs[0].evaluation.margin = sure ? 5.0f : 0.5f;
    example.programs[1].evaluation.margin = 2;
    labels.push_back(example);
  }
  setup.context.labels = &labels;
  const auto policy = makePolicy("cascade", setup.context);
  const Example example = plantedExample(30);
  const Program first = policy->rank(example, 1).front();
  const auto second = policy->further(example, {0.5f, ""});
  REQUIRE(second.size() == 1);
  CHECK(first != second[0].program);
  CHECK(policy->further(example, {9, ""}).empty());
  CHECK(policy->kept({{0.5f, ""}, {2, ""}}) == 1);
  CHECK(policy->kept({{2, ""}, {0.5f, ""}}) == 0);
  labels.front().split = "train";
  for (ExampleLabels& each : labels) each.split = "train";
  CHECK(without(errorOf("cascade", setup.context), "no labels of validation examples") == "");
}

TEST_CASE("a vote counts equal answers together; of equals the surer one, then the earlier") {
  CHECK(mostVoted({{1, "3}"}}) == 0);
  CHECK(mostVoted({{9, "7}"}, {1, "8 + 5}"}, {1, "13}"}}) == 1);
  CHECK(mostVoted({{1, "7}"}, {2, "8}"}}) == 1);
  CHECK(mostVoted({{1, "7}"}, {1, "8}"}}) == 0);
  CHECK(mostVoted({{5, "7}"}, {1, "8}"}, {2, "8}"}, {1, "7}"}}) == 0);
}

TEST_CASE("vote runs the standard program and those right most often; sample_vote draws instead") {
  Planted setup;
  std::vector<ExampleLabels> labels;
  for (int i = 0; i < 9; ++i) {
    ExampleLabels example;
    example.example = plantedExample(i);
    example.split = i % 2 == 0 ? "train" : "validation";
    const auto verdict = [&](int one) { return i < one ? Verdict::right : Verdict::wrong; };
    example.programs = {planted("0-5", 6, verdict(1)), planted("1-5", 6, verdict(4)), planted("0-5,5", 6, verdict(6)),
                        planted("0-4", 6, verdict(2))};
    labels.push_back(example);
  }
  setup.context.labels = &labels;
  setup.context.votes = 3;
  const auto policy = makePolicy("vote", setup.context);
  CHECK(policy->rank(plantedExample(1), 1).front().text() == "0-5");
  const auto further = policy->further(plantedExample(1), {});
  REQUIRE(further.size() == 2);
  CHECK(further[0].program.text() == "0-5,5");
  CHECK(further[1].program.text() == "1-5");
  const auto drawn = makePolicy("sample_vote", setup.context)->further(plantedExample(1), {});
  REQUIRE(drawn.size() == 2);
  CHECK(drawn[0].program.text() == "0-5");
  CHECK(drawn[0].temperature > 0);
  CHECK(drawn[0].seed != drawn[1].seed);
  setup.context.votes = 5;
  CHECK(without(errorOf("vote", setup.context), "policy 'vote': found 4 programs that were run on every question") == "");
}

TEST_CASE("one policy a price and seed, named where there are several") {
  const Planted setup;
  const auto namesOf = [&](const std::vector<std::string>& names, std::size_t seeds, const std::vector<double>& prices) {
    std::vector<PolicyContext> contexts(seeds, setup.context);
    for (std::size_t i = 0; i < seeds; ++i) contexts[i].seed = i + 1;
    std::vector<std::string> result;
    for (const auto& policy : makePolicies(names, contexts, prices)) result.push_back(policy->name());
    return result;
  };
  CHECK(namesOf({"standard", "value", "random"}, 1, {0}) == Texts{"standard", "value", "random"});
  CHECK(namesOf({"standard", "value"}, 2, {0, 0.25}) ==
        Texts{"standard", "value@price=0,seed=1", "value@price=0,seed=2", "value@price=0.25,seed=1",
              "value@price=0.25,seed=2"});
  CHECK(namesOf({"random"}, 2, {0, 1}) == Texts{"random@seed=1", "random@seed=2"});
}

TEST_CASE("a policy says what its context lacks") {
  const Planted setup;
  PolicyContext bare;
  bare.space.depth = kDepth;
  CHECK(without(errorOf("static", bare), "policy 'static': found no oracle labels") == "");
  CHECK(without(errorOf("predictor", bare), "policy 'predictor': found no trained predictor") == "");
  CHECK(without(errorOf("predictor", bare), "run polar train") == "");
  CHECK(without(errorOf("oracle", bare), "policy 'oracle': found no oracle labels") == "");
  CHECK(without(errorOf("value", bare), "policy 'value': found no trained value model") == "");
  CHECK(without(errorOf("drllm", bare), "policy 'drllm': found no model") == "");
  CHECK(without(errorOf("cascade", bare), "policy 'cascade': found no oracle labels") == "");
  CHECK(without(errorOf("shortgpt", bare), "policy 'shortgpt': found no model") == "");
  CHECK(without(errorOf("early_exit", bare), "policy 'early_exit': found no model") == "");
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
