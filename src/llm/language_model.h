// A loaded LLM: embedding, decoder layers, output head. Immutable after loading; shared by all threads.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "llm/decoder_layer.h"
#include "llm/linear.h"
#include "llm/model_config.h"
#include "llm/self_check.h"

namespace polar {

struct LoadOptions {
  std::string dtype = "fp32";                // fp32 | bf16
  std::string device = "cpu";                // cpu | cuda | cuda:N
  std::filesystem::path selfCheckFile = {};  // what the self-check found before; "" = measure anew
};

class LanguageModel {
 public:
  // `path`: an HF folder or .gguf file. InputError names the tensor where one is missing or has the wrong shape.
  static std::shared_ptr<const LanguageModel> load(const std::filesystem::path& path, const LoadOptions& options = {});

  const ModelConfig& config() const { return config_; }
  int depth() const { return config_.depth; }
  const DecoderLayer& layer(int index) const { return layers_[static_cast<std::size_t>(index)]; }

  // [T, width] from token ids; InputError on an id outside the vocabulary.
  at::Tensor embed(std::span<const std::int32_t> tokens) const;
  // The output norm: hidden [T, width] → [T, width].
  at::Tensor normed(const at::Tensor& hidden) const;
  // Output norm and projection: hidden [T, width] → fp32 logits [T, vocabulary].
  at::Tensor logits(const at::Tensor& hidden) const;

  // The longest prompt plus answer that positions are tabled for.
  int maxTokens() const;

  std::int64_t parameters() const { return parameters_; }
  const std::string& weightsSha256() const { return weightsSha256_; }
  const std::string& format() const { return format_; }
  const LoadOptions& options() const { return options_; }
  const SelfCheck& selfCheck() const { return check_; }
  // Type and device of weights and hidden states.
  at::TensorOptions tensorOptions() const { return embedding_.options(); }
  // Fresh K,V for one position of a program, with room for `capacity` tokens.
  KvSlot makeSlot(int capacity) const;

 private:
  LanguageModel() = default;
  void checkNumerics(SelfCheckMemory& memory);

  ModelConfig config_;
  LoadOptions options_;
  std::string format_, weightsSha256_;
  std::int64_t parameters_ = 0;
  at::Tensor embedding_, outputNorm_;
  Linear output_;
  std::shared_ptr<const RotaryTable> rotary_;
  std::vector<DecoderLayer> layers_;
  SelfCheck check_;
};

// Hidden states of the standard program after layer `layer` (1 … depth; 0 = the embedding), fp32 [T, width]: the
// question encoder's input. Same numbers whatever else runs.
at::Tensor hiddenStates(const LanguageModel& model, std::span<const std::int32_t> tokens, int layer);

}  // namespace polar
