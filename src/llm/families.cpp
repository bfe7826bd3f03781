#include "llm/families.h"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "llm/families/llama.h"
#include "llm/families/qwen2.h"
#include "llm/families/qwen2_moe.h"
#include "llm/families/qwen3.h"
#include "support/error.h"
#include "support/files.h"
#include "support/json.h"

namespace polar {
namespace {

namespace fs = std::filesystem;

// A GGUF under HF's tensor names and row order.
class GgufWeights final : public WeightFile {
 public:
  GgufWeights(std::shared_ptr<const GgufFile> file, ModelConfig config, bool interleaved)
      : file_(std::move(file)), config_(std::move(config)), interleaved_(interleaved) {}

  std::vector<std::string> names() const override { return file_->names(); }
  bool has(const std::string& name) const override { return file_->has(ggufName(name)); }
  std::vector<std::int64_t> shape(const std::string& name) const override { return file_->shape(ggufName(name)); }
  std::string type(const std::string& name) const override { return file_->type(ggufName(name)); }
  std::string sha256() const override { return file_->sha256(); }

  void read(const std::string& name, std::span<float> out) const override {
    file_->read(ggufName(name), out);
    if (!interleaved_) return;
    if (name.find(".q_proj.") != std::string::npos) unpermute(out, config_.heads);
    if (name.find(".k_proj.") != std::string::npos) unpermute(out, config_.kvHeads);
  }

 private:
  static std::string ggufName(const std::string& name) {
    static constexpr std::array<std::pair<const char*, const char*>, 11> kInLayer{{
        {"input_layernorm", "attn_norm"},
        {"self_attn.q_proj", "attn_q"},
        {"self_attn.k_proj", "attn_k"},
        {"self_attn.v_proj", "attn_v"},
        {"self_attn.o_proj", "attn_output"},
        {"self_attn.q_norm", "attn_q_norm"},
        {"self_attn.k_norm", "attn_k_norm"},
        {"post_attention_layernorm", "ffn_norm"},
        {"mlp.gate_proj", "ffn_gate"},
        {"mlp.up_proj", "ffn_up"},
        {"mlp.down_proj", "ffn_down"},
    }};
    if (name == "model.embed_tokens.weight") return "token_embd.weight";
    if (name == "model.norm.weight") return "output_norm.weight";
    if (name == "lm_head.weight") return "output.weight";
    const std::string prefix = "model.layers.";
    if (!name.starts_with(prefix)) return name;
    const std::size_t layerEnd = name.find('.', prefix.size()), kind = name.rfind('.');
    const std::string inner = name.substr(layerEnd + 1, kind - layerEnd - 1);
    for (const auto& [hf, gguf] : kInLayer)
      if (inner == hf)
        return "blk." + name.substr(prefix.size(), layerEnd - prefix.size()) + "." + gguf + name.substr(kind);
    return name;
  }

  // llama.cpp's converter turns each head's rows from (first half, second half) into pairs; this turns them back.
  void unpermute(std::span<float> values, int heads) const {
    const std::vector<float> from(values.begin(), values.end());
    const auto headRows = static_cast<std::size_t>(config_.headSize);
    const std::size_t width = values.size() / (static_cast<std::size_t>(heads) * headRows);  // 1 for a bias
    const auto row = [width](std::size_t index) { return static_cast<std::ptrdiff_t>(index * width); };
    for (std::size_t head = 0; head < static_cast<std::size_t>(heads); ++head)
      for (std::size_t pair = 0; pair < headRows / 2; ++pair)
        for (std::size_t half = 0; half < 2; ++half)
          std::copy_n(from.begin() + row(head * headRows + 2 * pair + half), width,
                      values.begin() + row(head * headRows + half * headRows / 2 + pair));
  }

  std::shared_ptr<const GgufFile> file_;
  ModelConfig config_;
  bool interleaved_;
};

// A base model's tensors ("layers.0.…", as Qwen3-Embedding has them) under the names they have inside a causal LM.
class BaseModelWeights final : public WeightFile {
 public:
  explicit BaseModelWeights(std::shared_ptr<const WeightFile> file) : file_(std::move(file)) {}

  std::vector<std::string> names() const override {
    std::vector<std::string> names = file_->names();
    for (std::string& name : names) name.insert(0, kPrefix);
    return names;
  }
  bool has(const std::string& name) const override { return name.starts_with(kPrefix) && file_->has(inner(name)); }
  std::vector<std::int64_t> shape(const std::string& name) const override { return file_->shape(inner(name)); }
  std::string type(const std::string& name) const override { return file_->type(inner(name)); }
  void read(const std::string& name, std::span<float> out) const override { file_->read(inner(name), out); }
  std::string sha256() const override { return file_->sha256(); }

 private:
  static constexpr std::string_view kPrefix = "model.";
  static std::string inner(const std::string& name) {
    return name.starts_with(kPrefix) ? name.substr(kPrefix.size()) : name;
  }
  std::shared_ptr<const WeightFile> file_;
};

std::shared_ptr<const WeightFile> openWeights(const fs::path& folder) {
  std::shared_ptr<const WeightFile> file = openSafetensors(folder);
  const bool base = file->has("embed_tokens.weight") && !file->has("model.embed_tokens.weight");
  return base ? std::make_shared<BaseModelWeights>(std::move(file)) : file;
}

}  // namespace

const std::vector<Family>& families() {
  // A family is a file in src/llm/families/ and a line here.
  static const std::vector<Family> list{
      llamaFamily(),
      qwen2Family(),
      qwen3Family(),
      qwen2MoeFamily(),
  };
  return list;
}

namespace {

// "GGUF, Q4_1": the type in which most of the weights are stored,
// which bounds what they can say whatever they are computed in.
std::string formatOf(const std::string& container, const WeightFile& weights) {
  std::map<std::string, std::int64_t> values;  // by type
  for (const std::string& name : weights.names()) {
    std::int64_t count = 1;
    for (const std::int64_t extent : weights.shape(name)) count *= extent;
    values[weights.type(name)] += count;
  }
  const auto most =
      std::max_element(values.begin(), values.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == values.end() ? container : container + ", " + most->first;
}

Checkpoint openGguf(const fs::path& model) {
  const auto file = std::make_shared<const GgufFile>(model);
  const std::string& name = file->text("general.architecture");
  std::vector<std::string> known;
  for (const Family& family : families()) {
    if (family.ggufArchitecture.empty()) continue;  // has no GGUF form that we read
    known.push_back(family.ggufArchitecture);
    if (family.ggufArchitecture != name) continue;
    const ModelConfig config = family.fromGguf(*file);
    validate(config, model.string());
    return {config, std::make_shared<GgufWeights>(file, config, family.ggufInterleavesRotary), formatOf("GGUF", *file)};
  }
  throw InputError(model.string() + ": general.architecture", name, "one of " + joinNames(known));
}

// "Qwen3Model": a checkpoint saved without its output head.
std::string baseModelName(const Family& family) {
  return family.architecture.substr(0, family.architecture.find("ForCausalLM")) + "Model";
}

Checkpoint openFolder(const fs::path& model) {
  const fs::path file = model / "config.json";
  std::vector<std::string> known;
  for (const Family& family : families()) known.push_back(family.architecture);
  const std::string expected = "a Hugging Face config.json of one of " + joinNames(known);
  const nlohmann::json json = parseJson(readFile(file), file.string(), expected);
  if (!json.is_object() || !json.contains("architectures") || !json["architectures"].is_array() ||
      json["architectures"].empty() || !json["architectures"][0].is_string())
    throw InputError(file.string(), "no architectures", expected);
  const auto name = json["architectures"][0].get<std::string>();
  for (const Family& family : families())
    if (family.architecture == name || baseModelName(family) == name) {
      const ModelConfig config = family.fromJson(json.dump(), file.string());
      validate(config, file.string());
      auto weights = openWeights(model);
      std::string format = formatOf("safetensors", *weights);
      return {config, std::move(weights), std::move(format)};
    }
  throw InputError(file.string() + ": architectures", name, "one of " + joinNames(known));
}

}  // namespace

Checkpoint openCheckpoint(const fs::path& model) {
  std::error_code ignored;
  if (fs::is_directory(model, ignored)) return openFolder(model);
  if (fs::exists(model, ignored)) return openGguf(model);
  throw InputError(model.string(), "no such file or folder", "a Hugging Face folder or a .gguf file",
                   "check model.path; src/setup/fetch_model.sh fetches one");
}

}  // namespace polar
