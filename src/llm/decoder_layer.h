// One pre-norm decoder layer: RMSNorm, rotary attention with grouped KV heads, feed-forward or experts.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "llm/attention.h"
#include "llm/feed_forward.h"
#include "llm/model_config.h"
#include "llm/rotary.h"

namespace polar {

// Only weights; stateless and thread-safe.
class DecoderLayer {
 public:
  struct Weights {
    at::Tensor inputNorm, postNorm;  // [width]
    Linear queryKeyValue, out;       // the three stacked in this order: one pass over x
    at::Tensor queryNorm, keyNorm;   // [headSize]; undefined: none
    GatedUnit feedForward;
    std::optional<ExpertMixture> experts;  // in feedForward's place
  };
  DecoderLayer(const ModelConfig& config, Weights weights, std::shared_ptr<const RotaryTable> rotary);

  // x: [T, width], the hidden states of tokens slot.position() … slot.position()+T-1. Appends their keys and values to
  // `slot` and returns the layer's output, [T, width].
  at::Tensor forward(const at::Tensor& x, KvSlot& slot) const;
  // The same for rows of several sequences below each other, each with its own slot (none twice): every row comes out
  // as it would alone, bit for bit, but the products are shared. Returns the wanted rows, [Σ rows - from, width].
  at::Tensor forward(const at::Tensor& x, std::span<const RowsOfSlot> parts) const;
  void forEachProduct(const UseProduct& use);
  // In tiles unless set otherwise (self-check).
  void attendBy(Attend way) { attend_ = way; }

 private:
  // x: [rows, width]; rows after those of the parts are padding.
  at::Tensor attention(const at::Tensor& x, std::span<const RowsOfSlot> parts) const;

  ModelConfig config_;
  Weights weights_;
  std::shared_ptr<const RotaryTable> rotary_;
  Attend attend_ = attendInTiles;
};

}  // namespace polar
