// Every family of the list, against HF transformers on a tiny random checkpoint (make_tiny_families.py).
#include "llm/families.h"

#include <cmath>
#include <functional>

#include "llm/reference.h"
#include "llm/self_check.h"
#include "support/random.h"

using namespace polar;
using namespace polar::testing;

namespace {

constexpr float kLogitTolerance = 2e-4f;
constexpr double kLogprobTolerance = 1e-3;
constexpr int kTokens = 150;  // more than two key tiles

std::filesystem::path familyFixture(const std::string& name) { return llmFixture("families") / name; }

Json referenceOf(const std::string& name) { return Json::parse(slurp(familyFixture(name) / "reference.json")); }

// The list's families, and the other settings of the mixture of experts.
std::vector<std::string> checkpoints() {
  std::vector<std::string> names{"moe-alternate"};
  for (const Family& family : families()) names.push_back(family.architecture);
  return names;
}

std::vector<std::int32_t> someTokens(int count, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::int32_t> tokens;
  for (int i = 0; i < count; ++i) tokens.push_back(static_cast<std::int32_t>(random.below(160)));
  return tokens;
}

std::vector<Execution> executeAll(const ProgramExecutor& executor, const Json& cases) {
  std::vector<Execution> results;
  for (const Json& expected : cases) {
    const auto prompt = ids(expected["prompt"]), answer = ids(expected["answer"]);
    const Program program = programOf(expected["program"]);
    const ExecutionRequest request{.prompt = prompt, .answer = answer, .program = &program};
    results.push_back(executor.execute({&request, 1}).at(0));
  }
  return results;
}

// Loads the checkpoint with its config.json changed; the refusal's message, "" where there is none.
std::string withConfig(const std::string& name, const std::function<void(Json&)>& change) {
  const TemporaryFolder folder;
  const auto model = copied(folder, "families/" + name);
  Json config = Json::parse(slurp(model / "config.json"));
  change(config);
  spill(model / "config.json", config.dump());
  return refusal([&] { LanguageModel::load(model); });
}

std::string withKey(const std::string& name, const std::string& key, const Json& value) {
  return withConfig(name, [&](Json& config) { config[key] = value; });
}

}  // namespace

TEST_CASE("every family has a checkpoint of its own", "[llm]") {
  REQUIRE(families().size() >= 4);
  for (const Family& family : families()) {
    CAPTURE(family.architecture);
    REQUIRE(std::filesystem::exists(familyFixture(family.architecture) / "reference.json"));
    CHECK(openCheckpoint(familyFixture(family.architecture)).config.architecture == family.architecture);
    if (!family.ggufArchitecture.empty())
      CHECK(std::filesystem::exists(familyFixture(family.ggufArchitecture + ".gguf")));
  }
}

TEST_CASE("every family runs every program as HF does", "[llm]") {
  for (const std::string& name : checkpoints()) {
    const auto model = LanguageModel::load(familyFixture(name));
    const Json reference = referenceOf(name);
    const Json& cases = reference["cases"];
    REQUIRE(cases.size() >= 20);
    DecodingOptions options;
    options.maxNewTokens = reference["new_tokens"];
    const std::vector<Execution> plain = executeAll(*makePlainExecutor(model, options), cases);
    const std::vector<Execution> shared = executeAll(*makeSharedExecutor(model, options), cases);
    float largest = 0;
    for (std::size_t i = 0; i < cases.size(); ++i) {
      const Json& expected = cases[i];
      const Program program = programOf(expected["program"]);
      CAPTURE(name, i, program.text());
      const auto logits = lastLogits(*model, ids(expected["prompt"]), program);
      const float difference = largestDifference(floats(expected["logits_every_4"]), logits, 4);
      CHECK(difference <= kLogitTolerance);
      largest = std::max(largest, difference);
      CHECK(plain[i].tokens == ids(expected["ids"]));
      CHECK(std::abs(plain[i].margin - expected["margin"].get<float>()) <= 2 * kLogitTolerance);
      REQUIRE(plain[i].answerLogprob.has_value());
      CHECK(std::abs(*plain[i].answerLogprob - expected["answer_logprob"].get<double>()) <= kLogprobTolerance);
      CHECK(shared[i].tokens == plain[i].tokens);
      CHECK(shared[i].margin == plain[i].margin);
      CHECK(shared[i].answerLogprob == plain[i].answerLogprob);
    }
    std::cout << name << ": " << cases.size() << " cases, largest logit difference " << largest << "\n";
  }
}

TEST_CASE("programs of every family share a call and keep the plain executor's bits", "[llm]") {
  for (const std::string& name : checkpoints()) {
    const auto model = LanguageModel::load(familyFixture(name));
    const auto prompt = someTokens(37, 3), answer = someTokens(4, 4);
    const std::vector<Program> programs{Program::standard(4), Program({0, 1, 1, 2, 3}), Program({0, 1, 3}),
                                        Program({0, 1, 2, 1, 2, 3}), Program({0, 1, 1, 3, 3})};
    std::vector<ExecutionRequest> requests;
    for (const Program& program : programs)
      requests.push_back({.prompt = prompt, .headTokens = 20, .answer = answer, .program = &program});
    DecodingOptions options;
    options.maxNewTokens = 8;
    const auto shared = makeSharedExecutor(model, options)->execute(requests);
    for (std::size_t i = 0; i < programs.size(); ++i) {
      const Execution plain = makePlainExecutor(model, options)->execute({&requests[i], 1}).at(0);
      CAPTURE(name, programs[i].text());
      CHECK(shared[i].tokens == plain.tokens);
      CHECK(shared[i].margin == plain.margin);
      CHECK(shared[i].answerLogprob == plain.answerLogprob);
    }
  }
}

TEST_CASE("every family gives the same bits in one pass, in chunks and token by token", "[llm]") {
  const Program program({0, 1, 2, 1, 2, 3, 3});
  for (const std::string& name : checkpoints()) {
    const auto model = LanguageModel::load(familyFixture(name));
    const auto tokens = someTokens(kTokens, 7);
    const at::Tensor whole = runProgram(*model, tokens, program);
    for (const std::vector<int>& cut : {std::vector{1}, {2}, {3}, {5}, {7}, {64}, {65}, {149}, {40, 1, 1, 30, 2}}) {
      std::vector<KvSlot> slots;
      for (int i = 0; i < program.executed(); ++i) slots.push_back(model->makeSlot(kTokens));
      std::vector<at::Tensor> parts;
      for (int at = 0, n = 0; at < kTokens; ++n) {
        const int count = std::min(cut[static_cast<std::size_t>(n) % cut.size()], kTokens - at);
        at::Tensor hidden =
            model->embed(std::span(tokens).subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(count)));
        for (std::size_t i = 0; i < slots.size(); ++i)
          hidden = model->layer(program.layers()[i]).forward(hidden, slots[i]);
        parts.push_back(hidden);
        at += count;
      }
      CAPTURE(name, cut);
      CHECK(at::equal(at::cat(parts), whole));
    }
    CHECK(model->selfCheck().holds());
  }
}

TEST_CASE("a token's experts do not notice whom else they serve", "[llm]") {
  for (const std::string name : {"Qwen2MoeForCausalLM", "moe-alternate"}) {
    const auto model = LanguageModel::load(familyFixture(name));
    std::vector<at::Tensor> inputs;
    std::vector<KvSlot> slots;
    std::vector<RowsOfSlot> parts;
    for (int i = 0; i < 9; ++i) {
      inputs.push_back(model->embed(someTokens(1 + 5 * (i % 3), static_cast<std::uint64_t>(20 + i))));
      slots.push_back(model->makeSlot(16));
    }
    for (std::size_t i = 0; i < inputs.size(); ++i) parts.push_back({&slots[i], inputs[i].size(0)});
    const at::Tensor together = model->layer(1).forward(at::cat(inputs), parts);
    std::int64_t row = 0;
    for (const at::Tensor& input : inputs) {
      KvSlot slot = model->makeSlot(16);
      CAPTURE(name, row);
      CHECK(at::equal(model->layer(1).forward(input, slot), together.narrow(0, row, input.size(0))));
      row += input.size(0);
    }
  }
}

TEST_CASE("a GGUF of a family is its folder, bit for bit", "[llm]") {
  for (const Family& family : families()) {
    if (family.ggufArchitecture.empty()) continue;
    CAPTURE(family.architecture);
    const auto folder = LanguageModel::load(familyFixture(family.architecture)),
               file = LanguageModel::load(familyFixture(family.ggufArchitecture + ".gguf"));
    CHECK(file->config().headSize == folder->config().headSize);
    CHECK(file->config().headNorm == folder->config().headNorm);
    CHECK(file->config().attentionBias == folder->config().attentionBias);
    CHECK(file->config().tiedEmbeddings == folder->config().tiedEmbeddings);
    const auto tokens = someTokens(kTokens, 9);
    const Program program = Program::standard(4);
    const auto a = lastLogits(*folder, tokens, program), b = lastLogits(*file, tokens, program);
    // Llama 3's scaling is in a GGUF as divisors, so its angles may differ in their last bits.
    if (file->config().ropeDivisors.empty())
      CHECK(a == b);
    else
      CHECK(largestDifference(a, b) <= kLogitTolerance);
  }
}

TEST_CASE("Llama 3's rotary scaling is applied, and matters at the positions tested", "[llm]") {
  const Json reference = referenceOf("LlamaForCausalLM");
  REQUIRE(reference["scaling_moves"].get<float>() > 1);
  const auto model = LanguageModel::load(familyFixture("LlamaForCausalLM"));
  CHECK(model->config().ropeFactor == 8);
  CHECK(model->config().ropeOriginalPositions == 48);
  CHECK(LanguageModel::load(familyFixture("llama.gguf"))->config().ropeDivisors.size() == 8);
  const TemporaryFolder folder;
  const auto copy = copied(folder, "families/LlamaForCausalLM");
  Json config = Json::parse(slurp(copy / "config.json"));
  config["rope_parameters"] = {{"rope_type", "default"}, {"rope_theta", 10000.0}};
  spill(copy / "config.json", config.dump());
  const Json& longest = reference["cases"][6];
  REQUIRE(longest["prompt"].size() == 170);
  const auto found = lastLogits(*LanguageModel::load(copy), ids(longest["prompt"]), Program::standard(4));
  CHECK(std::abs(largestDifference(lastLogits(*model, ids(longest["prompt"]), Program::standard(4)), found) -
                 reference["scaling_moves"].get<float>()) <= 1e-3f);
}

TEST_CASE("a base model without prefix and head loads, as Qwen3-Embedding is published", "[llm]") {
  const auto model = LanguageModel::load(familyFixture("embedding"));
  CHECK(model->config().architecture == "Qwen3ForCausalLM");
  const Json reference = referenceOf("embedding");
  const auto prompt = ids(reference["prompt"]);
  // The reference is after the output norm, which the tied head follows: logits show whether it is the same state.
  const std::vector<float> normed = floats(reference["normed"]);
  const at::Tensor state = at::tensor(at::ArrayRef<float>(normed)).unsqueeze(0);
  std::vector<std::int32_t> every(static_cast<std::size_t>(model->config().vocabulary));
  for (std::size_t i = 0; i < every.size(); ++i) every[i] = static_cast<std::int32_t>(i);
  const auto expected = toVector(at::linear(state, model->embed(every)));
  CHECK(largestDifference(expected, lastLogits(*model, prompt, Program::standard(4))) <= kLogitTolerance);
  CHECK(withKey("embedding", "architectures", {"Qwen3Model"}).empty());
  CHECK(names(withKey("embedding", "tie_word_embeddings", false), {"lm_head.weight", "no such tensor"}));
}

TEST_CASE("a family's arithmetic that is not there is refused by name", "[llm]") {
  for (const std::string name : {"Qwen2ForCausalLM", "Qwen3ForCausalLM", "Qwen2MoeForCausalLM"}) {
    CAPTURE(name);
    CHECK(withConfig(name, [](Json&) {}).empty());
    const auto slide = [](Json& config, int from) {
      config.erase("layer_types");
      config["use_sliding_window"] = true;
      config["sliding_window"] = 16;
      config["max_window_layers"] = from;
    };
    CHECK(names(withConfig(name, [&](Json& config) { slide(config, 2); }), {"config.json", "use_sliding_window"}));
    CHECK(withConfig(name, [&](Json& config) { slide(config, 4); }).empty() == (name != "Qwen2MoeForCausalLM"));
    const Json types{"full_attention", "sliding_attention", "full_attention", "full_attention"};
    CHECK(names(withKey(name, "layer_types", types), {"config.json", "layer_types", "sliding_attention"}));
    CHECK(names(withKey(name, "layer_types", 5), {"config.json", "layer_types"}));
    CHECK(names(withKey(name, "hidden_act", "gelu"), {"config.json", "hidden_act", "gelu"}));
    CHECK(names(withKey(name, "rope_parameters", {{"rope_type", "yarn"}, {"factor", 4.0}}), {"config.json", "yarn"}));
  }
  CHECK(names(withKey("Qwen2ForCausalLM", "num_hidden_layers", 5), {"model.layers.4."}));
  CHECK(names(withKey("Qwen3ForCausalLM", "head_dim", 8), {"self_attn.q_proj.weight", "[64, 32]", "[32, 32]"}));
  CHECK(names(withKey("LlamaForCausalLM", "architectures", {"Qwen3ForCausalLM"}), {"q_norm.weight", "no such tensor"}));
  CHECK(names(withKey("Qwen3ForCausalLM", "architectures", {"Qwen2ForCausalLM"}), {"q_proj.bias", "no such tensor"}));
}

TEST_CASE("a GGUF's arithmetic that is not there is refused by name", "[llm]") {
  const auto refused = [](const std::string& kind) {
    return refusal([&] { LanguageModel::load(familyFixture("refused-" + kind + ".gguf")); });
  };
  CHECK(names(refused("scaling"), {"refused-scaling.gguf", "qwen2.rope.scaling.type", "yarn"}));
  const std::vector<std::string> window{"refused-window.gguf", "qwen2.attention.sliding_window", "16"};
  CHECK(names(refused("window"), window));
  CHECK(names(refused("divisors"), {"refused-divisors.gguf", "rope_freqs.weight", "5", "4"}));
}

TEST_CASE("experts that do not fit are refused by name", "[llm]") {
  const std::string moe = "Qwen2MoeForCausalLM";
  for (const std::string key : {"num_experts", "num_experts_per_tok", "moe_intermediate_size",
                                "shared_expert_intermediate_size", "decoder_sparse_step"}) {
    CAPTURE(key);
    if (key != "decoder_sparse_step")
      CHECK(names(withConfig(moe, [&](Json& c) { c.erase(key); }), {"config.json", key}));
    for (const Json& value : {Json(-1), Json("four"), Json(2.5), Json(1 << 29)})
      CHECK(names(withKey(moe, key, value), {"Qwen2MoeForCausalLM"}));
  }
  CHECK(names(withKey(moe, "decoder_sparse_step", 0), {"config.json", "decoder_sparse_step"}));
  CHECK(names(withKey(moe, "num_experts_per_tok", 9), {"config.json", "num_experts_per_tok", "8 experts"}));
  CHECK(names(withKey(moe, "num_experts", 9), {"mlp.gate.weight", "[8, 32]", "[9, 32]"}));
  CHECK(names(withKey(moe, "mlp_only_layers", 3), {"config.json", "mlp_only_layers"}));
  CHECK(names(withKey(moe, "mlp_only_layers", {"3"}), {"config.json", "mlp_only_layers"}));
  CHECK(names(withKey(moe, "mlp_only_layers", Json::array()), {"model.layers.3.mlp.gate.weight", "no such tensor"}));
  const ModelConfig alternate = openCheckpoint(familyFixture("moe-alternate")).config;
  CHECK(alternate.expertSharesSumToOne);
  CHECK_FALSE(alternate.hasExperts(0));
  CHECK(alternate.hasExperts(1));
  CHECK_FALSE(openCheckpoint(familyFixture(moe)).config.hasExperts(3));
}
