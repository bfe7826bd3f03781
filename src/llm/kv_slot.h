// The keys and values that one position of a program keeps.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstddef>
#include <cstdint>

#include "llm/model_config.h"

namespace polar {

// Keys are attended to in tiles of this many, so that a product's inner length depends on nothing else.
inline constexpr int kKeyTile = 64;

// The keys of the tiles that `tokens` tokens begin.
inline std::int64_t wholeTiles(std::int64_t tokens) { return (tokens + kKeyTile - 1) / kKeyTile * kKeyTile; }

// Keys and values of ONE position of a program: a repeated layer has one slot for each of its passes (RE-PoLar's
// semantics; sharing one slot by layer index is the releases' known fault). Move-only; `fork()` is the named copy.
class KvSlot {
 public:
  KvSlot(const ModelConfig& config, int capacity, const at::TensorOptions& options);
  KvSlot(KvSlot&&) = default;
  KvSlot& operator=(KvSlot&&) = default;

  int length() const { return length_; }
  int capacity() const { return static_cast<int>(values_.size(1)); }  // tokens, at least what was asked for
  // Keys and values that cover the slot's tokens in whole tiles; `span()` of them. Values after the last
  // token are finite: their share is 0, which must not meet a NaN.
  std::int64_t span() const { return wholeTiles(length_); }
  const at::Tensor& keys() const { return keys_; }      // [kvHeads, headSize, capacity]: as scores read them
  const at::Tensor& values() const { return values_; }  // [kvHeads, capacity, headSize]
  // The place of the next token in its sequence: at length(), unless `standAt` set another.
  int position() const { return position_; }
  // The next pass begins at `position`, however many keys the slot holds: those of earlier passes of the layer over the
  // same tokens (KvSlots::shared; nothing else needs it).
  void standAt(int position) { position_ = position; }
  std::int64_t bytes() const { return static_cast<std::int64_t>(keys_.nbytes() + values_.nbytes()); }
  // Of prefix(tokens), without making it.
  std::int64_t prefixBytes(std::size_t tokens) const {
    return bytes() / capacity() * wholeTiles(static_cast<std::int64_t>(tokens));
  }
  // Forgets everything after the first `length` tokens.
  void truncate(int length) { length_ = position_ = length; }
  // A deep copy with room for `capacity` tokens.
  KvSlot fork(int capacity) const;
  // A deep copy of the first `tokens` tokens alone.
  KvSlot prefix(std::size_t tokens) const;
  // keys, values: [T, kvHeads, headSize], appended after the present ones.
  void append(const at::Tensor& keys, const at::Tensor& values);

 private:
  KvSlot(const KvSlot& from, int tokens, int capacity);
  void grow(int count);

  at::Tensor keys_, values_;  // capacity in whole tiles
  int length_ = 0, position_ = 0;
  std::int64_t written_ = 0;  // tokens below it were written, or zeroed; a multiple of kKeyTile
};

// Rows of a pass that belong to one sequence: they follow the tokens its slot holds.
struct RowsOfSlot {
  KvSlot* slot = nullptr;
  std::int64_t rows = 0;
  // The first row whose output is wanted: after a program's last layer nobody reads those before the prompt's last.
  std::int64_t from = 0;
};

}  // namespace polar
