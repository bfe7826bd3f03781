// Qwen2MoeForCausalLM: Qwen1.5-MoE, Qwen2-57B-A14B.
#include "llm/families/qwen2_moe.h"

#include "llm/families/json_config.h"

namespace polar {
namespace {

ModelConfig qwen2MoeFromJson(const std::string& json, const std::string& where) {
  const JsonConfig from(json, where);
  ModelConfig config = from.common();
  config.architecture = "Qwen2MoeForCausalLM";
  config.attentionBias = from.flag("qkv_bias", true);
  config.experts = from.integer("num_experts");
  config.expertsPerToken = from.integer("num_experts_per_tok");
  config.expertFeedForward = from.integer("moe_intermediate_size");
  config.sharedFeedForward = from.integer("shared_expert_intermediate_size");
  config.expertSharesSumToOne = from.flag("norm_topk_prob", false);
  config.expertStep = from.integer("decoder_sparse_step", 1);
  config.denseLayers = from.integers("mlp_only_layers");
  from.requireActivation("silu");
  from.requireFullAttention(0);  // its windows are in the layers below max_window_layers
  return config;
}

}  // namespace

Family qwen2MoeFamily() { return {"Qwen2MoeForCausalLM", "", qwen2MoeFromJson, nullptr}; }

}  // namespace polar
