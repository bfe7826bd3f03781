// Tiny random checkpoints against HF transformers: logits, tokens, log-probabilities and hidden states.
#include "llm/reference.h"

using namespace polar;
using namespace polar::testing;

namespace {

constexpr float kLogitTolerance = 2e-4f;
constexpr double kLogprobTolerance = 1e-3;

// One case of tiny_llama.json; returns the largest logit difference.
float checkCase(const std::shared_ptr<const LanguageModel>& model, const Json& expected) {
  const Program program = programOf(expected["program"]);
  const auto prompt = ids(expected["prompt"]), answer = ids(expected["answer"]);
  CAPTURE(program.text(), prompt.size());
  const bool whole = expected.contains("logits");
  const auto logits = lastLogits(*model, prompt, program);
  const auto recorded = floats(expected[whole ? "logits" : "logits_every_8"]);
  const float difference = largestDifference(recorded, logits, whole ? 1 : 8);
  CHECK(difference <= kLogitTolerance);

  DecodingOptions options;
  options.maxNewTokens = tinyLlama()["new_tokens"];
  const auto executor = makePlainExecutor(model, options);
  const ExecutionRequest request{.prompt = prompt, .answer = answer, .program = &program};
  const Execution execution = executor->execute({&request, 1}).at(0);
  CHECK(execution.tokens == ids(expected["ids"]));
  CHECK_FALSE(execution.finished);
  CHECK(std::abs(execution.margin - expected["margin"].get<float>()) <= 2 * kLogitTolerance);
  REQUIRE(execution.answerLogprob.has_value());
  CHECK(std::abs(*execution.answerLogprob - expected["answer_logprob"].get<double>()) <= kLogprobTolerance);
  const auto layers = static_cast<std::int64_t>(program.executed());
  CHECK(execution.prefillLayerTokens == layers * static_cast<std::int64_t>(prompt.size()));
  CHECK(execution.decodeLayerTokens == layers * (options.maxNewTokens - 1));
  CHECK(executor->work().asked == execution.prefillLayerTokens + execution.decodeLayerTokens +
                                      layers * static_cast<std::int64_t>(answer.size() - 1));
  return difference;
}

void checkAll(const std::string& what, const std::filesystem::path& path, const Json& cases, std::size_t atLeast,
              const LoadOptions& options = {}) {
  const auto model = LanguageModel::load(path, options);
  REQUIRE(cases.size() >= atLeast);
  float largest = 0;
  for (const Json& expected : cases) largest = std::max(largest, checkCase(model, expected));
  std::cout << what << ": " << cases.size() << " cases, largest logit difference " << largest << "\n";
}

}  // namespace

TEST_CASE("tied fp32 checkpoint runs every program as HF does", "[llm]") {
  checkAll("tiny-llama-a", llmFixture("tiny-llama-a"), tinyLlama()["a"]["cases"], 32);
}

TEST_CASE("biased bf16 checkpoint in shards runs every program as HF does", "[llm]") {
  checkAll("tiny-llama-b", llmFixture("tiny-llama-b"), tinyLlama()["b"]["cases"], 32);
}

TEST_CASE("a GPU, where there is one, runs every program as HF does on a CPU", "[llm]") {
  if (!at::hasCUDA()) return;
  checkAll("tiny-llama-b on a GPU", llmFixture("tiny-llama-b"), tinyLlama()["b"]["cases"], 32, {.device = "cuda"});
}

TEST_CASE("GGUF checkpoints run as HF does with the dequantised weights", "[llm]") {
  REQUIRE(tinyLlama()["gguf"].size() == 4);
  for (const Json& file : tinyLlama()["gguf"]) {
    const std::string name = file["file"];
    checkAll(name, llmFixture(name), file["cases"], 3);
  }
}

TEST_CASE("hidden states after each layer are HF's", "[llm]") {
  for (const std::string variant : {"a", "b"}) {
    const auto model = LanguageModel::load(llmFixture("tiny-llama-" + variant));
    const Json& expected = tinyLlama()[variant];
    const auto prompt = ids(expected["hidden_prompt"]);
    REQUIRE(expected["hidden"].size() == static_cast<std::size_t>(model->depth()) + 1);
    for (int layer = 0; layer <= model->depth(); ++layer) {
      CAPTURE(variant, layer);
      const at::Tensor hidden = hiddenStates(*model, prompt, layer);
      REQUIRE(hidden.sizes() == at::IntArrayRef({static_cast<std::int64_t>(prompt.size()), model->config().width}));
      const auto recorded = floats(expected["hidden"][static_cast<std::size_t>(layer)]);
      CHECK(largestDifference(recorded, toVector(hidden[-1])) <= 1e-4f);
    }
  }
}

TEST_CASE("what was loaded is described", "[llm]") {
  const auto a = LanguageModel::load(llmFixture("tiny-llama-a")), b = LanguageModel::load(llmFixture("tiny-llama-b")),
             q = LanguageModel::load(llmFixture("tiny-q8_0.gguf"));
  // 6 layers of q, k, v, o, gate, up, down and two norms; embedding; output norm; untied: output and biases too.
  CHECK(a->parameters() == 6 * (64 * 32 + 2 * 32 * 32 + 32 * 64 + 3 * 32 * 64 + 2 * 32) + 320 * 32 + 32);
  CHECK(b->parameters() ==
        6 * (64 * 64 + 2 * 32 * 64 + 64 * 64 + 3 * 64 * 68 + 2 * 64 + 64 + 32 + 32 + 64) + 2 * 288 * 64 + 64);
  CHECK(q->parameters() == a->parameters());
  CHECK(a->format() == "safetensors, F32");
  CHECK(q->format() == "GGUF, Q8_0");
  for (const auto& model : {a, b, q}) {
    CHECK(model->depth() == 6);
    CHECK(model->config().architecture == "LlamaForCausalLM");
    CHECK(model->config().headSize == 16);
    CHECK(model->config().heads == 4);
    CHECK(model->config().kvHeads == 2);
    CHECK(model->maxTokens() == 256);
    CHECK(model->weightsSha256().size() == 64);
  }
  CHECK(a->weightsSha256() != b->weightsSha256());
  CHECK(a->config().tiedEmbeddings);
  CHECK(q->config().tiedEmbeddings);
  CHECK_FALSE(b->config().tiedEmbeddings);
  CHECK(b->config().attentionBias);
  CHECK(a->config().ropeTheta == 10000);
  CHECK(b->config().ropeTheta == 500000);
  CHECK(q->config().ropeTheta == 10000);
}

TEST_CASE("bf16 arithmetic stays near fp32", "[llm]") {
  const Json& expected = tinyLlama()["b"]["cases"][4];
  for (const std::string device : {"cpu", "cuda"}) {
    if (device == "cuda" && !at::hasCUDA()) continue;
    const auto model = LanguageModel::load(llmFixture("tiny-llama-b"), {.dtype = "bf16", .device = device});
    const auto logits = lastLogits(*model, ids(expected["prompt"]), programOf(expected["program"]));
    const float difference = largestDifference(floats(expected["logits"]), logits);
    CHECK(difference < 3.0f);   // of logits that reach 30
    CHECK(difference > 1e-3f);  // and it is not fp32 in disguise
  }
}

TEST_CASE("unknown dtypes and devices are refused by name", "[llm]") {
  const auto load = [](const char* dtype, const char* device) {
    return refusal([&] { LanguageModel::load(llmFixture("tiny-llama-a"), {.dtype = dtype, .device = device}); });
  };
  CHECK(names(load("fp8", "cpu"), {"fp8", "fp32"}));
  CHECK(names(load("fp32", "tpu"), {"tpu", "cuda"}));
  CHECK(names(load("fp32", "cuda:x"), {"cuda:x"}));
}

TEST_CASE("token ids outside the vocabulary are refused", "[llm]") {
  const auto model = LanguageModel::load(llmFixture("tiny-llama-a"));
  for (const std::int32_t token : {-1, 320, 2147483647}) {
    const std::vector<std::int32_t> tokens{1, token};
    CHECK(names(refusal([&] { model->embed(tokens); }), {std::to_string(token), "320"}));
  }
}
