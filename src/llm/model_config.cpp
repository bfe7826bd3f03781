#include "llm/model_config.h"

#include <algorithm>

#include "support/error.h"

namespace polar {

bool ModelConfig::hasExperts(int layer) const {
  return experts > 0 && (layer + 1) % expertStep == 0 &&
         std::find(denseLayers.begin(), denseLayers.end(), layer) == denseLayers.end();
}

void validate(const ModelConfig& config, const std::string& where) {
  const auto positive = [&](const char* key, int value) {
    if (value < 1 || value > 1 << 24)
      throw InputError(where + ": " + key, std::to_string(value), "a number from 1 to 2^24");
  };
  positive("num_hidden_layers", config.depth);
  positive("hidden_size", config.width);
  positive("intermediate_size", config.feedForward);
  positive("num_attention_heads", config.heads);
  positive("num_key_value_heads", config.kvHeads);
  positive("head_dim", config.headSize);
  positive("vocab_size", config.vocabulary);
  positive("max_position_embeddings", config.maxPositions);
  if (!(config.ropeTheta > 0))
    throw InputError(where + ": rope_theta", std::to_string(config.ropeTheta), "a number above 0");
  if (config.depth > 65535)
    throw InputError(where + ": num_hidden_layers", std::to_string(config.depth), "at most 65535");
  if (config.heads % config.kvHeads != 0)
    throw InputError(where + ": num_key_value_heads", std::to_string(config.kvHeads),
                     "a divisor of the " + std::to_string(config.heads) + " attention heads");
  if (config.headSize % 2 != 0)
    throw InputError(where + ": head_dim", std::to_string(config.headSize), "an even number");
  if (!config.ropeDivisors.empty() && config.ropeDivisors.size() != static_cast<std::size_t>(config.headSize) / 2)
    throw InputError(where + ": rope_freqs.weight", std::to_string(config.ropeDivisors.size()) + " values",
                     std::to_string(config.headSize / 2) + ", half a head's width");
  if (!std::all_of(config.ropeDivisors.begin(), config.ropeDivisors.end(), [](float value) { return value > 0; }))
    throw InputError(where + ": rope_freqs.weight", "a value that is not above 0", "values above 0");
  if (config.experts == 0) return;
  positive("num_experts", config.experts);
  positive("moe_intermediate_size", config.expertFeedForward);
  positive("shared_expert_intermediate_size", config.sharedFeedForward);
  positive("decoder_sparse_step", config.expertStep);
  if (config.expertsPerToken < 1 || config.expertsPerToken > config.experts)
    throw InputError(where + ": num_experts_per_tok", std::to_string(config.expertsPerToken),
                     "a number from 1 to the " + std::to_string(config.experts) + " experts");
}

}  // namespace polar
