#include "llm/kv_slot.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace polar {

KvSlot::KvSlot(const ModelConfig& config, int capacity, const at::TensorOptions& options)
    : keys_(at::empty({config.kvHeads, config.headSize, wholeTiles(std::max(capacity, 1))}, options)),
      values_(at::empty({keys_.size(0), keys_.size(2), keys_.size(1)}, options)) {}

KvSlot KvSlot::fork(int capacity) const { return {*this, length_, capacity}; }

KvSlot KvSlot::prefix(std::size_t tokens) const {
  const int count = std::min(static_cast<int>(tokens), length_);
  return {*this, count, count};
}

KvSlot::KvSlot(const KvSlot& from, int tokens, int capacity)
    : keys_(at::empty({from.keys_.size(0), from.keys_.size(1), wholeTiles(std::max({capacity, tokens, 1}))},
                      from.keys_.options())),
      values_(at::empty({keys_.size(0), keys_.size(2), keys_.size(1)}, from.values_.options())) {
  keys_.narrow(2, 0, tokens).copy_(from.keys_.narrow(2, 0, tokens));
  values_.narrow(1, 0, tokens).copy_(from.values_.narrow(1, 0, tokens));
  grow(tokens);
  position_ = tokens + from.position_ - from.length_;
}

void KvSlot::append(const at::Tensor& keys, const at::Tensor& values) {
  const std::int64_t count = keys.size(0);
  TORCH_INTERNAL_ASSERT(length_ + count <= capacity(), "KvSlot: ", length_, " + ", count, " tokens do not fit");
  keys_.narrow(2, length_, count).copy_(keys.permute({1, 2, 0}));
  values_.narrow(1, length_, count).copy_(values.transpose(0, 1));
  grow(static_cast<int>(count));
}

void KvSlot::grow(int count) {
  length_ += count;
  position_ += count;
  if (span() <= written_) return;
  const std::int64_t from = std::max<std::int64_t>(length_, written_);
  keys_.narrow(2, from, span() - from).zero_();
  values_.narrow(1, from, span() - from).zero_();
  written_ = span();
}

}  // namespace polar
