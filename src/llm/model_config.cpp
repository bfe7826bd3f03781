#include "llm/model_config.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "support/error.h"

namespace polar {

namespace {

std::string numberText(double value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

}  // namespace

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
  const auto inRange = [&](const char* key, double value, double least, double most, const char* range) {
    if (!(value >= least && value <= most)) throw InputError(where + ": " + key, numberText(value), range);
  };
  inRange("rms_norm_eps", config.normEpsilon, 1e-30, 0.1, "a number above 0, at most 0.1");
  inRange("rope_theta", config.ropeTheta, 1, 1e12, "a number from 1 to 1e12");
  inRange("rope_parameters.factor", config.ropeFactor, 1, 1e6, "a number from 1 to 1e6");
  inRange("rope_parameters.low_freq_factor", config.ropeLowFrequency, 1e-6, 1e6, "a number above 0");
  inRange("rope_parameters.high_freq_factor", config.ropeHighFrequency, std::nextafter(config.ropeLowFrequency, 1e9),
          1e6, "a number above low_freq_factor");
  inRange("rope_parameters.original_max_position_embeddings", config.ropeOriginalPositions, 1, 1 << 24,
          "a number from 1 to 2^24");
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
