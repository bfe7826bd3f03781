#include "eval/policies/policies.h"

#include <ATen/Parallel.h>

#include <map>
#include <numeric>
#include <set>
#include <thread>

#include "planted_policies.h"
#include "program/program_draws.h"

using namespace polar;
using namespace polar::testing;

TEST_CASE("every policy ranks 1 to k distinct programs of the depth, the same each time") {
  const Planted setup;
  for (const std::string& name : policyNames()) {
    CAPTURE(name);
    const auto policy = makePolicy(name, setup.context), again = makePolicy(name, setup.context);
    const PolicyRow& row = policyRow(name);
    CHECK(row.usesAnswer == (name == "oracle"));
    for (int i = 10; i < 14; ++i)
      for (const int k : {1, 2, 5}) {
        const Example example = plantedExample(i);
        const std::vector<Program> ranked = policy->rank(example, k);
        CHECK(!ranked.empty());
        CHECK(ranked.size() <= static_cast<std::size_t>(row.ranks ? k : 1));
        CHECK(std::set<Program>(ranked.begin(), ranked.end()).size() == ranked.size());
        for (const Program& program : ranked)
          for (const LayerIndex layer : program.layers()) CHECK(layer < kDepth);
        CHECK(texts(again->rank(example, k)) == texts(ranked));
        const bool ofMenu = name == "value" || name == "chooser" || name == "distilled";
        CHECK(policy->choosingLayerTokens(example) == (name == "predictor" ? 18 : ofMenu ? 7 : 0));
        const std::vector<Choice> choices = policy->choices(example, k);
        CHECK(!choices.empty());
        CHECK(choices.size() <= static_cast<std::size_t>(k));
        CHECK(std::set<Choice>(choices.begin(), choices.end()).size() == choices.size());
        CHECK((again->choices(example, k) == choices));
        if (row.usesAnswer) continue;
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

TEST_CASE(
    "static ranks by accuracy on all labelled questions, then fewer layers, then text, among programs run everywhere") {
  const Planted setup;
  const auto policy = makePolicy("static", setup.context);
  CHECK(texts(policy->rank(plantedExample(10), 9)) == Texts{"0,2-5", "1-5", "0-5,5", "0-5"});
  CHECK(texts(policy->rank(plantedExample(11), 2)) == Texts{"0,2-5", "1-5"});
  CHECK(policy->settings() == "0,2-5, right most often of 4 programs on 4 labelled questions");

  // Two more training questions that 0-5 answers, and no other program: now it is the best.
  PolicyContext context = setup.context;
  std::vector<ExampleLabels> labels = setup.labels;
  for (int i = 0; i < 2; ++i) {
    labels.push_back(setup.labels.back());
    labels.back().programs.front().evaluation.verdict = Verdict::right;
  }
  context.labels = &labels;
  CHECK(texts(makePolicy("static", context)->rank(plantedExample(10), 1)) == Texts{"0-5"});
  // No validation questions at all: the training questions do.
  labels = {setup.labels.back()};
  CHECK(texts(makePolicy("static", context)->rank(plantedExample(10), 1)) == Texts{"0-5,4-5"});
  labels.clear();
  CHECK(without(errorOf("static", context), "no oracle labels") == "");
  labels = setup.labels;
  labels[0].programs.erase(labels[0].programs.begin(), labels[0].programs.begin() + 4);
  CHECK(without(errorOf("static", context), "all 4 labelled questions") == "");
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

TEST_CASE("random draws as the search does") {
  // Six layers and segments of up to four: edits often overlap. How many edits a draw has, the policy's first choices
  // against draws by hand: one edit is as often as two, and three rarer where no third fits.
  Planted setup;
  setup.context.maxEdits = 3;
  const auto policy = makePolicy("random", setup.context);
  const int draws = 6000;
  std::map<int, double> searched, chosen;
  for (int i = 0; i < draws; ++i) {
    const auto layers = [](const Program& program) { return program.executed(); };
    ++chosen[layers(policy->rank(plantedExample(i), 1).front())];
    ++searched[layers(*ProgramDraws(setup.context.space, 3, Random(static_cast<std::uint64_t>(i))).next())];
  }
  // Two samples' chi-square over the lengths 0 … 18; scipy.stats.chi2.ppf(0.999, 18) is 42.3.
  double chiSquare = 0;
  for (int layers = 0; layers <= 4 * kDepth; ++layers) {
    const double both = searched[layers] + chosen[layers], difference = searched[layers] - chosen[layers];
    if (both > 0) chiSquare += difference * difference / both;
  }
  CHECK(chiSquare < 42.3);
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
  const auto expected = setup.context.value->choice.rank(p, {}, 0.2, 4);
  REQUIRE(ranked.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) CHECK((ranked[i] == setup.context.value->choice.menu()[expected[i]]));
  setup.context.price = 90;  // nothing but layers counts
  CHECK(makePolicy("value", setup.context)->rank(example, 1).front().executed() == 5);
  setup.context.price = -90;
  CHECK(makePolicy("value", setup.context)->rank(example, 1).front().text() == "0-5,5");
}

TEST_CASE("chooser and distilled rank by their own models, in the way of value") {
  Planted setup;
  const auto first = [&](const char* name) {
    return makePolicy(name, setup.context)->rank(plantedExample(10), 1).front().text();
  };
  CHECK(first("chooser") == "0-5,5");
  CHECK(first("distilled") == "0-4");
  setup.context.price = 90;  // nothing but layers counts: of equally long ones the likelier
  CHECK(first("chooser") == "1-5");
  CHECK(first("distilled") == "0-4");
  setup.context.space.depth = 7;
  CHECK(without(errorOf("distilled", setup.context), "a distilled chooser for 6 layers and 3 question features") == "");
  setup.context.chooser = nullptr;
  CHECK(without(errorOf("chooser", setup.context), "no trained menu chooser, expected one in the run's") == "");
  CHECK(without(errorOf("chooser", setup.context), "run polar train with chooser in eval.policies") == "");
}

TEST_CASE("value reads no question where always standard is the best it can do") {
  Planted setup;
  const auto reading = makePolicy("value", setup.context);
  CHECK(reading->choosingLayerTokens(plantedExample(10)) == 7);
  CHECK(without(reading->settings(), "price 0: threshold 0.2") == "");

  auto model = std::make_shared<ValueModel>(ValueShape{kDepth, 3, 4, 8, 2, 0}, setup.context.value->choice.menu(), 4);
  setup.context.value = model;  // nothing was held out
  setup.context.features = nullptr;
  CHECK(without(errorOf("value", setup.context), "no trained value model") == "");
  struct Unread final : QuestionFeatures {
    at::Tensor read(const Example&) const override { throw std::logic_error("read"); }
    int width() const override { return 3; }
    std::int64_t layerTokens(const Example&) const override { return 7; }
  };
  setup.context.features = std::make_shared<Unread>();
  const auto standard = makePolicy("value", setup.context);
  CHECK(standard->choosingLayerTokens(plantedExample(10)) == 0);
  CHECK(standard->rank(plantedExample(10), 1).front().text() == "0-5");
  CHECK(standard->rank(plantedExample(10), 3).size() == 3);
  CHECK(without(standard->settings(), "always standard") == "");
}

TEST_CASE("value and predictor say which layers of the prompt they read, and leave the prompt after them") {
  Planted setup;
  const Example example = plantedExample(10);
  for (const std::string name : {"value", "predictor"}) {
    const auto apart = makePolicy(name, setup.context);  // reads otherwise
    CHECK(apart->promptLayersRead(example) == 0);
    CHECK_FALSE(apart->start(example));
  }
  setup.context.features = makeStateFeatures(setup.context.model, setup.context.prompts, {2, 4});
  const int width = setup.context.features->width();
  auto model =
      std::make_shared<ValueModel>(ValueShape{kDepth, width, 4, 8, 2, 0}, setup.context.value->choice.menu(), 4);
  model->choice.heldOut = setup.context.value->choice.heldOut;
  setup.context.value = model;
  setup.context.encoder = makeSelfEncoder(setup.context.model, setup.context.prompts, 3);
  PredictorShape shape = setup.context.predictor->shape();
  shape.inputWidth = setup.context.encoder->width();
  setup.context.predictor = std::make_shared<ProgramPredictor>(shape, 5);
  for (const auto& [name, layers] : {std::pair<std::string, std::size_t>{"value", 4}, {"predictor", 3}}) {
    const auto policy = makePolicy(name, setup.context);
    CHECK(policy->promptLayersRead(example) == static_cast<int>(layers));
    CHECK(policy->choosingLayerTokens(example) == 0);
    const auto start = policy->start(example);
    REQUIRE(start);
    CHECK(start->layers.size() == layers);
    CHECK(start->tokens == setup.context.prompts->build(example).tokens);
  }
  // Where the rule reads nothing, it leaves nothing.
  setup.context.value = std::make_shared<ValueModel>(ValueShape{kDepth, width, 4, 8, 2, 0}, model->choice.menu(), 4);
  const auto standard = makePolicy("value", setup.context);
  CHECK(standard->promptLayersRead(example) == 0);
  CHECK_FALSE(standard->start(example));
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

TEST_CASE("shortgpt leaves out the layers that change the state least, as many as answer most, then fewer") {
  const Planted setup;
  const auto programs = makePolicy("shortgpt", setup.context)->rank(plantedExample(1), 5);
  REQUIRE(programs.size() == 2);  // 6 layers: a quarter of them is one
  CHECK(programs[0].executed() == 5);
  CHECK(programs[1].text() == "0-5");
  CHECK(makePolicy("shortgpt", setup.context)->settings() ==
        "1 of 6 layers left out; right on 3 of 3 labelled questions, the best of 1 settings");
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
  for (const LayerIndex layer : programs[0].layers()) CHECK(layer != least);
}

TEST_CASE("early exit leaves after its middle, where and how sure as its labelled questions say") {
  Planted setup;
  setup.context.model = LanguageModel::load(embeddedModel());  // twelve layers, and trained: sure of some answers
  setup.context.prompts = std::make_shared<PromptBuilder>(promptTemplate("embedded"), loadTokenizer(embeddedModel()));
  const int depth = setup.context.model->depth();
  const auto exitsOf = [&](const Policy& policy) {
    std::vector<int> layers;
    for (int i = 0; i < 20; ++i) {
      const std::vector<Program> programs = policy.rank(plantedExample(i), 4);
      for (std::size_t rank = 0; rank < programs.size(); ++rank) {
        CHECK(programs[rank] == Program::standard(programs[0].executed() + static_cast<int>(rank)));
        CHECK(programs[rank].executed() >= depth / 2);
        CHECK(programs[rank].executed() <= depth);
      }
      layers.push_back(programs[0].executed());
    }
    return layers;
  };
  // Nothing but the whole model is right: of all settings, one that leaves least often. Then the other way round.
  const PlantedEvaluator whole([&](const Example&, const Program& program) { return program.executed() == depth; });
  const PlantedEvaluator shorter([&](const Example&, const Program& program) { return program.executed() < depth; });
  setup.context.evaluator = &whole;
  const auto late = makePolicy("early_exit", setup.context);
  setup.context.evaluator = &shorter;
  const auto soon = makePolicy("early_exit", setup.context);
  const auto lateExits = exitsOf(*late), soonExits = exitsOf(*soon);
  int sooner = 0;
  for (std::size_t i = 0; i < lateExits.size(); ++i) {
    CHECK(soonExits[i] <= lateExits[i]);
    sooner += soonExits[i] < lateExits[i];
  }
  CAPTURE(late->settings(), soon->settings());
  CHECK(sooner > 5);
  CHECK(late->settings() != soon->settings());
  CHECK(without(soon->settings(), " of 3 labelled questions, the best of 24 settings") == "");
  CHECK(soon->settings() == makePolicy("early_exit", setup.context)->settings());
  // What several settings choose is run once. Train questions do where there are no others.
  CHECK(shorter.asked_ <= 2 * 3 * static_cast<std::size_t>(depth / 2 + 1));
  for (ExampleLabels& each : setup.labels) each.split = "train";
  CHECK(without(makePolicy("early_exit", setup.context)->settings(), " of 4 labelled questions") == "");
}

TEST_CASE("what reads hidden states does so on one thread, on whichever worker") {
  const Planted setup;
  for (const char* name : {"early_exit", "shortgpt"}) {
    CAPTURE(name);
    int threads = 0;
    std::thread([&] {
      at::set_num_threads(3);
      makePolicy(name, setup.context)->rank(plantedExample(1), 1);
      threads = at::get_num_threads();
    }).join();
    CHECK(threads == 1);
  }
}

TEST_CASE("cascade runs a second program where the first is unsure, and keeps the surer answer") {
  Planted setup;
  // The standard program is right where its margin is high; 1-5 on the others, where its own margin is the higher.
  std::vector<ExampleLabels> labels;
  for (int i = 0; i < 20; ++i) {
    ExampleLabels example;
    example.example = plantedExample(i);
    example.split = i < 10 ? "validation" : "train";
    const bool sure = i % 2 == 0;
    example.programs = {planted("0-5", 6, sure ? Verdict::right : Verdict::wrong),
                        planted("1-5", 6, sure ? Verdict::wrong : Verdict::right)};
    example.programs[0].evaluation.margin = sure ? 5.0f : 0.5f;
    example.programs[1].evaluation.margin = sure ? 20.0f : 30.0f;
    labels.push_back(example);
  }
  setup.context.labels = &labels;
  const auto policy = makePolicy("cascade", setup.context);
  const Example example = plantedExample(30);
  const bool standardFirst = policy->rank(example, 1).front().text() == "0-5";
  const float unsure = standardFirst ? 0.5f : 20.0f, sure = standardFirst ? 5.0f : 30.0f;
  const auto second = policy->further(example, {{unsure, ""}});
  REQUIRE(second.size() == 1);
  CHECK(second[0].program.text() == (standardFirst ? "1-5" : "0-5"));
  CHECK(policy->further(example, {{sure, ""}}).empty());
  // The second is surer than usual, or less than usual.
  CHECK(policy->kept(example, {{unsure, ""}, {standardFirst ? 30.0f : 5.0f, ""}}) == 1);
  CHECK(policy->kept(example, {{unsure, ""}, {standardFirst ? 2.0f : 0.1f, ""}}) == 0);
  CHECK(without(policy->settings(),
                "; out-of-fold gain +50 points on 20 labelled questions (5 folds, P(gain > 0) 0.999") == "");
  labels.clear();
  CHECK(without(errorOf("cascade", setup.context), "no oracle labels") == "");
}

TEST_CASE("one policy a price and seed, named where there are several") {
  const Planted setup;
  const auto namesOf = [&](const std::vector<std::string>& names, std::size_t seeds,
                           const std::vector<double>& prices) {
    std::vector<PolicyContext> contexts(seeds, setup.context);
    for (std::size_t i = 0; i < seeds; ++i) contexts[i].seed = i + 1;
    std::vector<std::string> result;
    std::vector<std::uint64_t> numbers(seeds);
    std::iota(numbers.begin(), numbers.end(), std::uint64_t{1});
    for (const PolicyVariant& variant : policyVariants(names, numbers, prices))
      result.push_back(makePolicy(variant, contexts).name);
    return result;
  };
  CHECK(namesOf({"standard", "value", "random"}, 1, {0}) == Texts{"standard", "value", "random"});
  CHECK(namesOf({"standard", "value"}, 2, {0, 0.25}) == Texts{"standard", "value@price=0,seed=1",
                                                              "value@price=0,seed=2", "value@price=0.25,seed=1",
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
  CHECK(without(errorOf("chooser", bare), "policy 'chooser': found no trained menu chooser") == "");
  CHECK(without(errorOf("distilled", bare), "policy 'distilled': found no trained distilled chooser") == "");
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
