// Keys and values of the prompt's head, kept over examples: they depend on the layers executed so far alone.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include <ATen/core/TensorBody.h>

#include "llm/decoder_layer.h"
#include "program/program.h"

namespace polar {

class LanguageModel;

// The head behind one more layer: its slot, and its hidden states for the layers that follow.
struct HeadNode {
  KvSlot slot;
  at::Tensor hidden;  // [head tokens, width]
};

// Thread-safe; the least recently used nodes go first once `bytes` is exceeded. A node in use stays alive with its user.
class HeadCache {
 public:
  HeadCache(std::shared_ptr<const LanguageModel> model, std::int64_t bytes) : model_(std::move(model)), budget_(bytes) {}

  // The head behind the layers of `path` (not empty); `parent` is the node of the path without its last layer, null where
  // that is empty. `computed` tells whether it had to be. Two threads may compute the same node: the values are equal.
  std::shared_ptr<const HeadNode> node(std::span<const std::int32_t> head, const std::vector<LayerIndex>& path,
                                       const HeadNode* parent, bool& computed);

 private:
  using Key = std::pair<std::vector<std::int32_t>, std::vector<LayerIndex>>;
  struct Entry {
    std::shared_ptr<const HeadNode> node;
    std::list<const Key*>::iterator use;
    std::int64_t bytes;
  };

  void insert(Key key, std::shared_ptr<const HeadNode> node);

  std::shared_ptr<const LanguageModel> model_;
  std::int64_t budget_, used_ = 0;
  std::mutex mutex_;
  std::map<Key, Entry> entries_;
  std::list<const Key*> byUse_;  // most recent first
};

}  // namespace polar
