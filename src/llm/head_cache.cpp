#include "llm/head_cache.h"

#include <ATen/ATen.h>

#include "llm/language_model.h"

namespace polar {

std::shared_ptr<const HeadNode> HeadCache::node(std::span<const std::int32_t> head,
                                                const std::vector<LayerIndex>& path, const HeadNode* parent,
                                                bool& computed) {
  Key key{{head.begin(), head.end()}, path};
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = entries_.find(key); found != entries_.end()) {
      byUse_.splice(byUse_.begin(), byUse_, found->second.use);
      computed = false;
      return found->second.node;
    }
  }
  computed = true;
  KvSlot slot = model_->makeSlot(static_cast<int>(head.size()));
  at::Tensor hidden = model_->layer(path.back()).forward(parent ? parent->hidden : model_->embed(head), slot);
  auto node = std::make_shared<const HeadNode>(HeadNode{std::move(slot), std::move(hidden)});
  insert(std::move(key), node);
  return node;
}

void HeadCache::insert(Key key, std::shared_ptr<const HeadNode> node) {
  const std::int64_t bytes = node->slot.bytes() + static_cast<std::int64_t>(node->hidden.nbytes());
  const std::lock_guard lock(mutex_);
  const auto [place, added] = entries_.emplace(std::move(key), Entry{std::move(node), {}, bytes});
  if (!added) return;
  byUse_.push_front(&place->first);
  place->second.use = byUse_.begin();
  used_ += bytes;
  while (used_ > budget_ && !byUse_.empty()) {
    const auto oldest = entries_.find(*byUse_.back());
    used_ -= oldest->second.bytes;
    byUse_.pop_back();
    entries_.erase(oldest);
  }
}

}  // namespace polar
