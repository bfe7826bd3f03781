#include "llm/model_config.h"

#include "support/error.h"

namespace polar {

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
}

}  // namespace polar
