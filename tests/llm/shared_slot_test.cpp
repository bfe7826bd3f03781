// `kv: shared_slot` against HF layers over one DynamicCache, as the releases of PoLar and Dr.LLM run them
// (make_shared_slot.py).
#include "llm/reference.h"

using namespace polar;
using namespace polar::testing;

namespace {

Execution execute(const LanguageModel& model, const Json& expected, int newTokens, KvSlots kv) {
  const auto prompt = ids(expected["prompt"]), answer = ids(expected["answer"]);
  const Program program = programOf(expected["program"]);
  const ExecutionRequest request{.prompt = prompt, .answer = answer, .program = &program};
  DecodingOptions options;
  options.maxNewTokens = newTokens;
  options.kv = kv;
  const std::shared_ptr<const LanguageModel> lent(&model, [](const LanguageModel*) {});
  return makeExecutor("plain", lent, options)->execute({&request, 1}).at(0);
}

}  // namespace

TEST_CASE("shared slots give what the releases give", "[llm]") {
  const Json reference = Json::parse(slurp(llmFixture("shared_slot.json")));
  const int newTokens = reference["new_tokens"];
  int repeats = 0, moved = 0;
  for (const auto& [name, cases] : reference["models"].items()) {
    const auto model = LanguageModel::load(llmFixture(name));
    REQUIRE(cases.size() >= 20);
    float largest = 0;
    for (const Json& expected : cases) {
      const Program program = programOf(expected["program"]);
      CAPTURE(name, program.text(), expected["prompt"].size());
      const Execution shared = execute(*model, expected, newTokens, KvSlots::shared);
      CHECK(shared.tokens == ids(expected["ids"]));
      CHECK(std::abs(shared.margin - expected["margin"].get<float>()) <= 4e-4f);
      largest = std::max(largest, std::abs(*shared.answerLogprob - expected["answer_logprob"].get<float>()));
      // Where no layer is repeated there is nothing to share; where one is, sharing must matter.
      const Execution own = execute(*model, expected, newTokens, KvSlots::own);
      if (program.executed() == program.unique())
        CHECK(own.tokens == shared.tokens);
      else
        ++repeats, moved += std::abs(*own.answerLogprob - *shared.answerLogprob) > 1e-2f ? 1 : 0;
    }
    CHECK(largest <= 1e-3f);
    std::cout << "shared slots, " << name << ": " << cases.size() << " cases, largest log-probability difference "
              << largest << "\n";
  }
  CHECK(moved > repeats * 9 / 10);
}

TEST_CASE("the prompt's logits under shared slots are the releases'", "[llm]") {
  const Json reference = Json::parse(slurp(llmFixture("shared_slot.json")));
  for (const auto& [name, cases] : reference["models"].items()) {
    const auto model = LanguageModel::load(llmFixture(name));
    for (const Json& expected : cases) {
      const Program program = programOf(expected["program"]);
      const auto prompt = ids(expected["prompt"]);
      const int tokens = static_cast<int>(prompt.size());
      std::map<LayerIndex, KvSlot> slots;
      at::Tensor hidden = model->embed(prompt);
      for (const LayerIndex layer : program.layers()) {
        KvSlot& slot = slots.try_emplace(layer, model->makeSlot(tokens * program.executed())).first->second;
        slot.standAt(0);
        hidden = model->layer(layer).forward(hidden, slot);
      }
      CAPTURE(name, program.text(), tokens);
      const auto logits = toVector(model->logits(hidden.slice(0, tokens - 1)));
      CHECK(largestDifference(floats(expected["logits_every_4"]), logits, 4) <= 2e-4f);
    }
  }
}

TEST_CASE("the shared executor refuses shared slots, and an unknown kind is named", "[llm]") {
  const auto model = LanguageModel::load(llmFixture("families/Qwen2ForCausalLM"));
  DecodingOptions options;
  options.kv = KvSlots::shared;
  CHECK(names(refusal([&] { makeExecutor("shared", model, options); }), {"kv: shared_slot", "plain executor"}));
  CHECK(names(refusal([&] { kvSlots("both"); }), {"'both'", "own_slot or shared_slot"}));
}
