// Keys and values of the prompt's head, kept over examples: they depend only on the layers executed so far.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "llm/kv_slot.h"
#include "program/program.h"

namespace polar {

// The head after one more layer.
struct HeadNode {
  std::int64_t bytes() const { return slot.bytes() + hiddenBytes(hidden); }
  static std::int64_t hiddenBytes(const at::Tensor& hidden) {
    return hidden.defined() ? static_cast<std::int64_t>(hidden.nbytes()) : 0;
  }

  KvSlot slot;        // holds the head's tokens and no other
  at::Tensor hidden;  // [head tokens, width], for the layers that follow; undefined where no program went on from here
};

// Thread-safe; the least recently used nodes go first once `bytes` is exceeded. A node in use stays alive
// with its user. When the budget is full, one new node in 16 is admitted (after Qureshi et al., ISCA 2007,
// "bimodal insertion"): the same programs on question after question are a cyclic scan, of which plain LRU
// would keep nothing where the cycle is larger than the budget, and this keeps a budget's worth.
class HeadCache {
 public:
  explicit HeadCache(std::int64_t bytes) : budget_(bytes) {}

  // The head after the layers of `path` (not empty), or null. `hidden`: only one that has its hidden states will do.
  std::shared_ptr<const HeadNode> find(std::span<const std::int32_t> head, const std::vector<LayerIndex>& path,
                                       bool hidden);
  // Whether a new node of so many bytes is to be inserted. Asked once for each, before its keys and values are copied.
  bool admits(std::int64_t bytes);
  // A node that was admitted, as the one used last. Two threads may bring the same node: the values are equal, and the
  // one that knows more is kept.
  void insert(std::span<const std::int32_t> head, const std::vector<LayerIndex>& path,
              std::shared_ptr<const HeadNode> node);

 private:
  using Key = std::pair<std::vector<std::int32_t>, std::vector<LayerIndex>>;
  struct Entry {
    std::shared_ptr<const HeadNode> node;
    std::list<const Key*>::iterator use;
    std::int64_t bytes;
  };
  using Entries = std::map<Key, Entry>;

  void erase(Entries::iterator place);

  std::int64_t budget_, used_ = 0, late_ = 0;
  std::mutex mutex_;
  Entries entries_;
  std::list<const Key*> byUse_;  // most recent first
};

}  // namespace polar
