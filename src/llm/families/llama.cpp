// LlamaForCausalLM: Llama 2/3, SmolLM2. GGUF "llama".
#include "llm/families/llama.h"

#include "llm/families/json_config.h"

namespace polar {
namespace {

ModelConfig llamaFromJson(const std::string& json, const std::string& where) {
  const JsonConfig from(json, where);
  ModelConfig config = from.common();
  config.architecture = "LlamaForCausalLM";
  config.attentionBias = from.flag("attention_bias", false);
  from.requireActivation("silu");
  from.requireAbsent("mlp_bias");
  return config;
}

ModelConfig llamaFromGguf(const GgufFile& file) {
  ModelConfig config = commonFromGguf(file, "llama");
  config.architecture = "LlamaForCausalLM";
  return config;
}

}  // namespace

Family llamaFamily() {
  return {"LlamaForCausalLM", "llama", llamaFromJson, llamaFromGguf, /*ggufInterleavesRotary=*/true};
}

}  // namespace polar
