// Qwen3ForCausalLM: Qwen3 and Qwen3-Embedding. GGUF "qwen3".
#include "llm/families/qwen3.h"

#include "llm/families/json_config.h"

namespace polar {
namespace {

ModelConfig qwen3FromJson(const std::string& json, const std::string& where) {
  const JsonConfig from(json, where);
  ModelConfig config = from.common();
  config.architecture = "Qwen3ForCausalLM";
  config.headSize = from.integer("head_dim", 128);  // apart from hidden_size / num_attention_heads
  config.headNorm = true;
  config.attentionBias = from.flag("attention_bias", false);
  from.requireActivation("silu");
  from.requireFullAttention(config.depth);
  return config;
}

ModelConfig qwen3FromGguf(const GgufFile& file) {
  ModelConfig config = commonFromGguf(file, "qwen3");
  config.architecture = "Qwen3ForCausalLM";
  config.headNorm = true;
  return config;
}

}  // namespace

Family qwen3Family() { return {"Qwen3ForCausalLM", "qwen3", qwen3FromJson, qwen3FromGguf}; }

}  // namespace polar
