// Checkpoints that are not what their config says: one line that names the file and key or tensor, never a crash.
#include <functional>
#include <limits>

#include "llm/families.h"
#include "llm/reference.h"
#include "support/random.h"
#include "weights/weight_file.h"

using namespace polar;
using namespace polar::testing;

namespace {

std::string loading(const std::filesystem::path& model) {
  return refusal([&] { LanguageModel::load(model); });
}

// Loads variant a with its config.json changed.
std::string withConfig(const std::function<void(Json&)>& change) {
  const TemporaryFolder folder;
  const auto model = copied(folder, "tiny-llama-a");
  Json config = Json::parse(slurp(model / "config.json"));
  change(config);
  spill(model / "config.json", config.dump());
  return loading(model);
}

std::string withKey(const std::string& key, const Json& value) {
  return withConfig([&](Json& config) { config[key] = value; });
}

// Variant a's tensors rewritten with a change.
std::string withTensors(const std::function<void(std::vector<NamedTensor>&)>& change) {
  const TemporaryFolder folder;
  const auto model = copied(folder, "tiny-llama-a");
  std::vector<std::vector<float>> holder;
  std::vector<NamedTensor> tensors;
  {
    const auto file = openSafetensors(llmFixture("tiny-llama-a"));
    for (const std::string& name : file->names()) {
      std::size_t count = 1;
      for (const std::int64_t extent : file->shape(name)) count *= static_cast<std::size_t>(extent);
      holder.emplace_back(count);
      file->read(name, holder.back());
      tensors.push_back({name, file->shape(name), {}});
    }
  }
  for (std::size_t i = 0; i < tensors.size(); ++i) tensors[i].values = holder[i];
  change(tensors);
  writeSafetensors(model / "model.safetensors", tensors);
  return loading(model);
}

NamedTensor& find(std::vector<NamedTensor>& tensors, const std::string& name) {
  return *std::find_if(tensors.begin(), tensors.end(), [&](const NamedTensor& tensor) { return tensor.name == name; });
}

}  // namespace

TEST_CASE("families are listed and found", "[llm]") {
  REQUIRE_FALSE(families().empty());
  CHECK(families().front().architecture == "LlamaForCausalLM");
  const Checkpoint a = openCheckpoint(llmFixture("tiny-llama-a"));
  CHECK(a.format == "safetensors, F32");
  CHECK(a.config.depth == 6);
  CHECK(a.config.width == 32);
  CHECK(a.config.feedForward == 64);
  CHECK(a.config.vocabulary == 320);
  CHECK(a.config.maxPositions == 256);
  CHECK(a.config.normEpsilon == 1e-5f);
  const Checkpoint b = openCheckpoint(llmFixture("tiny-llama-b"));
  CHECK(b.config.normEpsilon == 1e-6f);
  CHECK(b.config.ropeTheta == 500000);
}

TEST_CASE("paths that are no model", "[llm]") {
  const TemporaryFolder folder;
  CHECK(names(loading(folder.path() / "missing"), {"missing"}));
  CHECK(names(loading(folder.path()), {"config.json"}));
  spill(folder.path() / "text.gguf", "hello");
  CHECK(names(loading(folder.path() / "text.gguf"), {"text.gguf"}));
  spill(folder.path() / "empty.gguf", "");
  CHECK(names(loading(folder.path() / "empty.gguf"), {"empty.gguf"}));
  std::filesystem::create_directories(folder.path() / "odd/config.json");
  CHECK(names(loading(folder.path() / "odd"), {"config.json"}));
}

TEST_CASE("config.json that cannot be used", "[llm]") {
  CHECK(withConfig([](Json&) {}).empty());
  for (const std::string text : {"", "{", "[]", "null", "{}", R"({"architectures":[]})", R"({"architectures":"x"})",
                                 R"({"architectures":[3]})", "\xff\xfe"}) {
    const TemporaryFolder folder;
    const auto model = copied(folder, "tiny-llama-a");
    spill(model / "config.json", text);
    CAPTURE(text);
    CHECK(names(loading(model), {"config.json", "LlamaForCausalLM"}));
  }
  CHECK(names(withKey("architectures", {"MambaForCausalLM"}), {"MambaForCausalLM", "LlamaForCausalLM"}));
  for (const std::string key :
       {"num_hidden_layers", "hidden_size", "intermediate_size", "num_attention_heads", "vocab_size"}) {
    CHECK(names(withConfig([&](Json& config) { config.erase(key); }), {"config.json", key}));
    for (const Json& value : {Json(0), Json(-1), Json("six"), Json(2.5), Json(true), Json::array({1}), Json(1e30),
                              Json(std::uint64_t{1} << 63), Json(1 << 30)}) {
      CAPTURE(key, value.dump());
      const auto what = withKey(key, value);
      CHECK(names(what, {"tiny-llama-a"}));
    }
  }
  CHECK(names(withKey("num_key_value_heads", 3), {"config.json", "num_key_value_heads"}));
  CHECK(names(withKey("head_dim", 15), {"config.json", "head_dim"}));
  CHECK(names(withKey("hidden_act", "gelu"), {"config.json", "hidden_act", "gelu"}));
  CHECK(names(withKey("mlp_bias", true), {"config.json", "mlp_bias"}));
  CHECK(names(withKey("rms_norm_eps", "small"), {"config.json", "rms_norm_eps"}));
  CHECK(names(withKey("tie_word_embeddings", 1), {"config.json", "tie_word_embeddings"}));
  CHECK(names(withKey("rope_scaling", Json{{"type", "yarn"}, {"factor", 2}}), {"config.json", "yarn"}));
  CHECK(names(withKey("rope_parameters", 3), {"config.json", "rope_parameters"}));
}

TEST_CASE("sizes that would need more memory than there is are refused, not tried", "[llm]") {
  CHECK(names(withKey("head_dim", 1 << 24), {"tiny-llama-a"}));
  CHECK(names(withConfig([](Json& config) {
                config["head_dim"] = 1 << 24;
                config["max_position_embeddings"] = 1 << 24;
              }),
              {"tiny-llama-a"}));
  CHECK(names(withKey("vocab_size", 1 << 24), {"model.embed_tokens.weight"}));
  CHECK(names(withKey("num_hidden_layers", 60000), {"model.layers.6."}));
}

TEST_CASE("rotary settings that give no angles are refused", "[llm]") {
  CHECK(names(withKey("rope_theta", 0), {"config.json", "rope_theta"}));
  CHECK(names(withKey("rope_theta", -5.0), {"config.json", "rope_theta"}));
  const auto llama3 = [](const std::string& key, double value) {
    Json rope{{"rope_type", "llama3"},
              {"factor", 8},
              {"low_freq_factor", 1},
              {"high_freq_factor", 4},
              {"original_max_position_embeddings", 64}};
    rope[key] = value;
    return withKey("rope_scaling", rope);
  };
  CHECK(llama3("factor", 8).empty());
  for (const double value : {0.0, -1.0}) {
    CHECK(names(llama3("factor", value), {"config.json", "rope_parameters.factor"}));
    CHECK(names(llama3("low_freq_factor", value), {"config.json", "low_freq_factor"}));
    CHECK(
        names(llama3("original_max_position_embeddings", value), {"config.json", "original_max_position_embeddings"}));
  }
  CHECK(names(llama3("high_freq_factor", 1), {"config.json", "high_freq_factor"}));  // as the low one: no ramp
}

TEST_CASE("a norm's epsilon that no model has is refused", "[llm]") {
  for (const double value : {-1e-5, 0.0, 1.0, 1e-60})
    CHECK(names(withKey("rms_norm_eps", value), {"config.json", "rms_norm_eps"}));
  CHECK(withKey("rms_norm_eps", 1e-12).empty());
}

TEST_CASE("a number too large, a key twice and deep nesting in config.json are refused", "[llm]") {
  const TemporaryFolder folder;
  const auto model = copied(folder, "tiny-llama-a");
  const std::string config = slurp(model / "config.json"), rest = config.substr(config.find('{') + 1);
  const auto with = [&](const std::string& member) {
    spill(model / "config.json", "{" + member + "," + rest);
    return loading(model);
  };
  REQUIRE(with(R"("other":1)").empty());
  CHECK(names(with(R"("other":1e999)"), {"config.json", "too large"}));
  CHECK(names(with(R"("vocab_size":320)"), {"config.json", "'vocab_size' twice"}));
  CHECK(names(with("\"other\":" + std::string(75'000, '[') + std::string(75'000, ']')),
              {"config.json", "deeper than 64"}));
}

TEST_CASE("weights with a value that is no number are refused", "[llm]") {
  CHECK(names(withTensors([&](auto& tensors) {
                static std::vector<float> changed;
                NamedTensor& tensor = find(tensors, "model.layers.2.mlp.up_proj.weight");
                changed.assign(tensor.values.begin(), tensor.values.end());
                changed[100] = std::numeric_limits<float>::quiet_NaN();
                tensor.values = changed;
              }),
              {"tensor model.layers.2.mlp.up_proj.weight", "NaN"}));
}

TEST_CASE("weights that do not fit the config", "[llm]") {
  REQUIRE(withTensors([](auto&) {}).empty());
  const std::vector<std::string> names56{"model.embed_tokens.weight",
                                         "model.norm.weight",
                                         "model.layers.0.input_layernorm.weight",
                                         "model.layers.5.self_attn.q_proj.weight",
                                         "model.layers.2.self_attn.o_proj.weight",
                                         "model.layers.3.post_attention_layernorm.weight",
                                         "model.layers.1.mlp.gate_proj.weight",
                                         "model.layers.5.mlp.down_proj.weight"};
  for (const std::string& name : names56) {
    CAPTURE(name);
    CHECK(names(withTensors([&](auto& tensors) { find(tensors, name).name = "other"; }), {name, "no such tensor"}));
    CHECK(names(withTensors([&](auto& tensors) {
                  NamedTensor& tensor = find(tensors, name);
                  tensor.shape.insert(tensor.shape.begin(), 1);  // same number of values
                }),
                {name, "shape"}));
  }
  CHECK(names(withTensors([&](auto& tensors) {
                std::swap(find(tensors, "model.layers.1.mlp.down_proj.weight").name,
                          find(tensors, "model.layers.1.mlp.up_proj.weight").name);
              }),
              {"model.layers.1.mlp.", "[32, 64]", "[64, 32]"}));
  CHECK(names(withKey("tie_word_embeddings", false), {"lm_head.weight", "no such tensor"}));
  CHECK(names(withKey("attention_bias", true), {"q_proj.bias", "no such tensor"}));
  CHECK(names(withKey("num_hidden_layers", 7), {"model.layers.6.input_layernorm.weight"}));
  CHECK(names(withKey("hidden_size", 64), {"model.embed_tokens.weight", "[320, 32]", "[320, 64]"}));
}

TEST_CASE("a loaded GGUF or folder with bytes changed runs or is refused", "[llm]") {
  const TemporaryFolder folder;
  const auto whole = slurp(llmFixture("tiny-q4_0.gguf"));
  const auto file = folder.path() / "changed.gguf";
  Random random(23);
  for (int round = 0; round < 150; ++round) {
    std::string broken = whole;
    broken[random.below(4500)] = static_cast<char>(random.below(256));
    spill(file, broken);
    CAPTURE(round);
    refusal([&] {
      const auto model = LanguageModel::load(file);
      lastLogits(*model, std::vector<std::int32_t>{1, 2, 3}, Program::standard(model->depth()));
    });
  }
  const auto model = copied(folder, "tiny-llama-a");
  const auto config = slurp(model / "config.json");
  for (int round = 0; round < 150; ++round) {
    std::string broken = config;
    broken[random.below(broken.size())] = static_cast<char>(random.below(128));
    spill(model / "config.json", broken);
    CAPTURE(round, broken);
    refusal([&] { LanguageModel::load(model); });
  }
}
