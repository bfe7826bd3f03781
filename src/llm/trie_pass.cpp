#include "llm/trie_pass.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <set>

namespace polar {
namespace {

// Rows of a product from which it runs no faster: weights then come from memory once for many rows.
constexpr std::size_t kFullRows = 512;

std::vector<LayerIndex> pathTo(const TrieNode& node) {
  std::vector<LayerIndex> path;
  for (const TrieNode* at = &node; at->parent; at = at->parent) path.push_back(at->layer);
  std::reverse(path.begin(), path.end());
  return path;
}

}  // namespace

TriePass::TriePass(const LanguageModel& model, HeadCache& heads, const ExecutionRequest& request, int maxNewTokens,
                   std::function<void(Leaf)> onLeaf)
    : model_(model), heads_(heads), head_(request.prompt.first(std::min(request.headTokens, request.prompt.size() - 1))),
      // Room for the answer too: then a slot that no other program holds is decoded in, not copied.
      capacity_(static_cast<int>(scoredTokens(request)) + maxNewTokens), onLeaf_(std::move(onLeaf)) {
  tokens_.assign(request.prompt.begin() + static_cast<std::ptrdiff_t>(head_.size()), request.prompt.end());
  if (!request.answer.empty()) tokens_.insert(tokens_.end(), request.answer.begin(), request.answer.end() - 1);
  wantedRows_ = static_cast<std::int64_t>(head_.size() + tokens_.size() - request.prompt.size()) + 1;
  chunkPrograms_ = std::max<std::size_t>(1, kFullRows / tokens_.size());
}

void TriePass::run(const TrieNode& root) {
  State& start = states_[&root];
  start.hidden = model_.embed(tokens_);
  if (!head_.empty()) start.head = std::make_shared<const HeadNode>(HeadNode{model_.makeSlot(0), model_.embed(head_)});
  collect(root);
  runChunk();
}

void TriePass::collect(const TrieNode& node) {
  if (!node.ends.empty()) {
    chunk_.push_back(&node);
    if (chunk_.size() >= chunkPrograms_) runChunk();
  }
  for (const auto& child : node.children) collect(*child);
}

void TriePass::runChunk() {
  if (chunk_.empty()) return;
  std::vector<const TrieNode*> open = unrunNodes();
  while (!open.empty()) {
    // The lowest layer that any node waits for, so that programs meet again behind a skip or a repeat.
    const auto ready = [&](const TrieNode* node) { return states_.contains(node->parent); };
    int layer = -1;
    for (const TrieNode* node : open)
      if (ready(node) && (layer < 0 || node->layer < layer)) layer = node->layer;
    std::vector<const TrieNode*> group, left;
    for (const TrieNode* node : open) (ready(node) && node->layer == layer ? group : left).push_back(node);
    runLayer(group);
    open = std::move(left);
  }
  for (const TrieNode* node : chunk_) onLeaf_(leafOf(*node));
  keepPathTo(*chunk_.back());
  chunk_.clear();
}

// What the chunk needs and nobody has run, parents before children.
std::vector<const TrieNode*> TriePass::unrunNodes() const {
  std::set<const TrieNode*> known;
  std::vector<const TrieNode*> nodes;
  for (const TrieNode* end : chunk_) {
    std::vector<const TrieNode*> path;
    for (const TrieNode* at = end; !states_.contains(at) && !known.contains(at); at = at->parent) path.push_back(at);
    known.insert(path.begin(), path.end());
    nodes.insert(nodes.end(), path.rbegin(), path.rend());
  }
  return nodes;
}

// One layer for nodes that wait for it. A node whose head is not in the cache runs the whole prompt and leaves the head.
void TriePass::runLayer(std::span<const TrieNode* const> group) {
  const auto headTokens = static_cast<std::int64_t>(head_.size()), tailTokens = static_cast<std::int64_t>(tokens_.size());
  std::vector<State> states(group.size());
  std::vector<std::vector<LayerIndex>> missing(group.size());  // the path of a head to be run, else empty
  std::vector<at::Tensor> rows;
  std::vector<RowsOfSlot> parts;
  for (std::size_t i = 0; i < group.size(); ++i) {
    const State& parent = states_.at(group[i]->parent);
    RowsOfSlot part{nullptr, tailTokens, isLeaf(*group[i]) ? tailTokens - wantedRows_ : 0};
    if (headTokens > 0) {
      std::vector<LayerIndex> path = pathTo(*group[i]);
      states[i].head = heads_.find(head_, path, !isLeaf(*group[i]));
      if (!states[i].head) {
        missing[i] = std::move(path);
        rows.push_back(parent.head->hidden);
        part.rows += headTokens;
        part.from += isLeaf(*group[i]) ? headTokens : 0;
      }
    }
    const auto& head = states[i].head;
    states[i].slot = std::make_shared<KvSlot>(head ? head->slot.fork(capacity_) : model_.makeSlot(capacity_));
    rows.push_back(parent.hidden);
    part.slot = states[i].slot.get();
    parts.push_back(part);
    headsFound_ += head ? 1 : 0;
    unreadRows_ += part.from;
  }
  at::Tensor out = model_.layer(group.front()->layer).forward(rows.size() == 1 ? rows.front() : at::cat(rows), parts);
  for (std::size_t i = 0; i < group.size(); ++i) {
    std::int64_t own = parts[i].rows - parts[i].from;
    if (!missing[i].empty()) {
      at::Tensor hidden;
      if (!isLeaf(*group[i])) {
        hidden = out.narrow(0, 0, headTokens).clone();
        out = out.slice(0, headTokens);
        own -= headTokens;
      }
      states[i].head = std::make_shared<const HeadNode>(HeadNode{states[i].slot->prefix(head_.size()), std::move(hidden)});
      heads_.insert(head_, missing[i], states[i].head);
    }
    states[i].hidden = out.narrow(0, 0, own).clone();  // a part must not keep the whole pass alive
    out = out.slice(0, own);
    states_[group[i]] = std::move(states[i]);
  }
  nodes_ += static_cast<std::int64_t>(group.size());
}

Leaf TriePass::leafOf(const TrieNode& node) const {
  const at::Tensor& hidden = states_.at(&node).hidden;
  Leaf leaf{node.ends, hidden.slice(0, hidden.size(0) - wantedRows_).clone(), {}};
  for (const TrieNode* at = &node; at->parent; at = at->parent) leaf.slots.push_back(states_.at(at).slot);
  std::reverse(leaf.slots.begin(), leaf.slots.end());
  return leaf;
}

// In depth-first order, what a later program shares with those before it lies on the path of the last.
void TriePass::keepPathTo(const TrieNode& node) {
  std::map<const TrieNode*, State> kept;
  for (const TrieNode* at = &node; at; at = at->parent) kept.insert(states_.extract(at));
  states_ = std::move(kept);
}

}  // namespace polar
