// A decoder-only LLM's shape and flags, read from config.json or GGUF metadata by its family.
#pragma once

#include <string>
#include <vector>

namespace polar {

// What differs between families is data here, not a subclass: DecoderLayer reads these flags.
struct ModelConfig {
  std::string architecture;  // HF name, e.g. "LlamaForCausalLM"
  int depth = 0;             // D: num_hidden_layers
  int width = 0;             // d_model: hidden_size
  int feedForward = 0;       // intermediate_size
  int heads = 0;
  int kvHeads = 0;
  int headSize = 0;  // width of one head
  int vocabulary = 0;
  int maxPositions = 0;
  float normEpsilon = 1e-5f;
  double ropeTheta = 10000;
  // Llama 3.1's frequency scaling (rope_type "llama3"); factor 1 = none.
  double ropeFactor = 1, ropeLowFrequency = 1, ropeHighFrequency = 4, ropeOriginalPositions = 8192;
  std::vector<float> ropeDivisors;  // GGUF's form of such scaling: one for each pair of a head; empty = none
  bool tiedEmbeddings = false;
  bool attentionBias = false;  // bias on q, k, v (and o where the checkpoint has it)
  bool headNorm = false;       // RMSNorm of every head of q and of k before rotation (Qwen3)
  // Experts in feedForward's place (Qwen2-MoE); 0 = none.
  int experts = 0;
  int expertsPerToken = 0;
  int expertFeedForward = 0;          // inner width of one expert
  int sharedFeedForward = 0;          // … of the expert that serves every token
  bool expertSharesSumToOne = false;  // norm_topk_prob
  int expertStep = 1;                 // every expertStep-th layer has experts (decoder_sparse_step) …
  std::vector<int> denseLayers;       // … but not these (mlp_only_layers)

  bool hasExperts(int layer) const;
};

// Throws InputError (naming `where`) where a size is missing, not positive, or does not fit the others.
void validate(const ModelConfig& config, const std::string& where);

}  // namespace polar
