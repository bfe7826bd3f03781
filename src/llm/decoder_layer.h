// One pre-norm decoder layer (RMSNorm, rotary attention with grouped KV heads, feed-forward or experts), and the keys
// and values one position of a program keeps.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include <ATen/core/TensorBody.h>

#include "llm/feed_forward.h"
#include "llm/model_config.h"

namespace polar {

// Fewer rows than this take other GEMM kernels, whose last bits differ (measured: see src/README.md, "Same bits"); every
// pass is padded to it. `numericSelfCheck` tells whether it holds on a machine.
inline constexpr int kSafeRows = 4;
// Keys are attended to in tiles of this many: a GEMM over a fixed inner length, whatever the number of keys.
inline constexpr int kKeyTile = 64;

// x with zero rows behind it, so that it has at least kSafeRows.
at::Tensor padRows(const at::Tensor& x);

// The same for a whole pass through a layer or the output projection.
at::Tensor padPass(const at::Tensor& x);

// cos and sin of every position: [positions, headSize / 2], fp32.
struct RotaryTable {
  at::Tensor cos, sin;
};

std::shared_ptr<const RotaryTable> makeRotaryTable(const ModelConfig& config, const at::Device& device);

// Keys and values of ONE position of a program: a repeated layer has one slot for each of its passes (RE-PoLar's
// semantics; sharing one slot by layer index is the releases' known fault). Move-only; `fork()` is the named copy.
class KvSlot {
 public:
  KvSlot(const ModelConfig& config, int capacity, const at::TensorOptions& options);
  KvSlot(KvSlot&&) = default;
  KvSlot& operator=(KvSlot&&) = default;

  int length() const { return length_; }
  int capacity() const { return static_cast<int>(keys_.size(1)); }  // tokens, at least what was asked for
  // Where the next token stands in its sequence: at length(), unless `standAt` said otherwise.
  int position() const { return position_; }
  // The next pass begins at `position`, however many keys the slot holds: those of earlier passes of the layer over the
  // same tokens (KvSlots::shared; nothing else needs it).
  void standAt(int position) { position_ = position; }
  std::int64_t bytes() const { return static_cast<std::int64_t>(keys_.nbytes() + values_.nbytes()); }
  // Forgets everything behind the first `length` tokens.
  void truncate(int length) { length_ = position_ = length; }
  // A deep copy with room for `capacity` tokens.
  KvSlot fork(int capacity) const;
  // A deep copy of the first `tokens` tokens alone.
  KvSlot prefix(std::size_t tokens) const;

 private:
  friend class DecoderLayer;
  KvSlot(const KvSlot& from, int tokens, int capacity);
  // keys, values: [kvHeads, T, headSize], appended behind the present ones.
  void append(const at::Tensor& keys, const at::Tensor& values);

  at::Tensor keys_, values_;  // [kvHeads, capacity rounded up to key tiles, headSize]
  int length_ = 0, position_ = 0;
  int written_ = 0;           // rows below it hold tokens, past tokens, or zeros; a multiple of kKeyTile
};

// Rows of a pass that belong to one sequence: they follow the tokens its slot holds.
struct RowsOfSlot {
  KvSlot* slot = nullptr;
  std::int64_t rows = 0;
  // The first row whose output is wanted: behind a program's last layer nobody reads those before the prompt's last.
  std::int64_t from = 0;
};

// Only weights; stateless and thread-safe.
class DecoderLayer {
 public:
  struct Weights {
    at::Tensor inputNorm, postNorm;        // [width]
    Linear queryKeyValue, out;             // the three stacked in this order: one pass over x
    at::Tensor queryNorm, keyNorm;         // [headSize]; undefined: none
    GatedUnit feedForward;
    std::optional<ExpertMixture> experts;  // stands in feedForward's place
  };
  DecoderLayer(const ModelConfig& config, Weights weights, std::shared_ptr<const RotaryTable> rotary);

  // x: [T, width], the hidden states of tokens slot.position() … slot.position()+T-1. Appends their keys and values to
  // `slot` and returns the layer's output, [T, width].
  at::Tensor forward(const at::Tensor& x, KvSlot& slot) const;
  // The same for rows of several sequences below each other, each with its own slot (none twice): every row comes out as
  // it would alone, bit for bit, but the products are shared. Returns the wanted rows, [Σ rows - from, width].
  at::Tensor forward(const at::Tensor& x, std::span<const RowsOfSlot> parts) const;
  void forEachProduct(const UseProduct& use);
  // Scores of many rows by `unpackedProduct`, one KV head after another: faster, where it gives the same bits (self-check).
  void scoreByHead(bool yes) { scoresByHead_ = yes; }

 private:
  // x: [rows, width]; rows behind those of the parts are padding.
  at::Tensor attention(const at::Tensor& x, std::span<const RowsOfSlot> parts) const;
  void attend(const at::Tensor& query, const KvSlot& slot, const at::Tensor& out) const;
  void attendEach(const at::Tensor& query, std::span<const RowsOfSlot> parts, const at::Tensor& out) const;

  ModelConfig config_;
  Weights weights_;
  std::shared_ptr<const RotaryTable> rotary_;
  bool scoresByHead_ = false;
};

}  // namespace polar
