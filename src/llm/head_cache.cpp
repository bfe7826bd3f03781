#include "llm/head_cache.h"

#include <ATen/ATen.h>

namespace polar {

std::shared_ptr<const HeadNode> HeadCache::find(std::span<const std::int32_t> head, const std::vector<LayerIndex>& path,
                                                bool hidden) {
  const Key key{{head.begin(), head.end()}, path};
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end() || (hidden && !found->second.node->hidden.defined())) return nullptr;
  byUse_.splice(byUse_.begin(), byUse_, found->second.use);
  return found->second.node;
}

bool HeadCache::admits(std::int64_t bytes) {
  const std::lock_guard lock(mutex_);
  if (bytes > budget_) return false;
  return used_ + bytes <= budget_ || ++late_ % 16 == 0;
}

void HeadCache::insert(std::span<const std::int32_t> head, const std::vector<LayerIndex>& path,
                       std::shared_ptr<const HeadNode> node) {
  const std::int64_t bytes = node->bytes();
  Key key{{head.begin(), head.end()}, path};
  const std::lock_guard lock(mutex_);
  if (const auto known = entries_.find(key); known != entries_.end()) {
    if (!node->hidden.defined()) return;
    erase(known);
  }
  const auto place = entries_.emplace(std::move(key), Entry{std::move(node), {}, bytes}).first;
  used_ += bytes;
  place->second.use = byUse_.insert(byUse_.begin(), &place->first);
  while (used_ > budget_ && !byUse_.empty()) erase(entries_.find(*byUse_.back()));
}

void HeadCache::erase(Entries::iterator place) {
  used_ -= place->second.bytes;
  byUse_.erase(place->second.use);
  entries_.erase(place);
}

}  // namespace polar
