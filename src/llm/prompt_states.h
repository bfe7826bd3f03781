// Hidden states of prompts under the standard program, for what reads questions: encoders and the value model's features.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include <ATen/core/TensorBody.h>

#include "llm/decoder_layer.h"

namespace polar {

class LanguageModel;

// Thread-safe. Remembers the keys and values of the last head, which all prompts of a template share.
class PromptStates {
 public:
  explicit PromptStates(std::shared_ptr<const LanguageModel> model) : model_(std::move(model)) {}

  // Called behind each of the layers 1 … last.
  using See = std::function<void(int layer, const at::Tensor& states)>;
  // The states of the tokens behind the first `headTokens`, at least of the last token: [rows, width], in the model's type,
  // on its device. The same bits as hiddenStates() of the whole prompt where the model's self-check holds, and whatever was
  // read before.
  void read(std::span<const std::int32_t> tokens, std::size_t headTokens, int last, const See& see) const;

 private:
  using Slots = std::vector<KvSlot>;  // one a layer
  std::shared_ptr<const Slots> slotsOf(std::span<const std::int32_t> head, int layers) const;

  std::shared_ptr<const LanguageModel> model_;
  mutable std::mutex mutex_;
  mutable std::vector<std::int32_t> head_;
  mutable std::shared_ptr<const Slots> slots_;
};

}  // namespace polar
