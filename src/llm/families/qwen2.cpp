// Qwen2ForCausalLM: Qwen1.5, Qwen2, Qwen2.5. GGUF "qwen2".
#include "llm/families/qwen2.h"

#include "llm/families/json_config.h"

namespace polar {
namespace {

ModelConfig qwen2FromJson(const std::string& json, const std::string& where) {
  const JsonConfig from(json, where);
  ModelConfig config = from.common();
  config.architecture = "Qwen2ForCausalLM";
  config.attentionBias = true;  // on q, k and v, whatever the config says
  from.requireActivation("silu");
  from.requireFullAttention(config.depth);
  return config;
}

ModelConfig qwen2FromGguf(const GgufFile& file) {
  ModelConfig config = commonFromGguf(file, "qwen2");
  config.architecture = "Qwen2ForCausalLM";
  config.attentionBias = true;
  return config;
}

}  // namespace

Family qwen2Family() { return {"Qwen2ForCausalLM", "qwen2", qwen2FromJson, qwen2FromGguf}; }

}  // namespace polar
