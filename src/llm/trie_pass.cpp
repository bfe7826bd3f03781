#include "llm/trie_pass.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <set>

#include "llm/prompt_start.h"

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
                   const TrieNode& root)
    : model_(model), heads_(heads), root_(root), start_(request.answer.empty() ? request.start : nullptr),
      head_(request.prompt.first(std::min(request.headTokens, request.prompt.size() - 1))),
      // Room for the answer too: then a slot that no other program holds is decoded in, not copied.
      capacity_(static_cast<int>(scoredTokens(request)) + maxNewTokens) {
  tokens_.assign(request.prompt.begin() + static_cast<std::ptrdiff_t>(head_.size()), request.prompt.end());
  if (!request.answer.empty()) tokens_.insert(tokens_.end(), request.answer.begin(), request.answer.end() - 1);
  wantedRows_ = static_cast<std::int64_t>(head_.size() + tokens_.size() - request.prompt.size()) + 1;
  State& start = states_[&root];
  start.hidden = model_.embed(tokens_);
  if (!head_.empty()) start.head = std::make_shared<const HeadNode>(HeadNode{model_.makeSlot(0), model_.embed(head_)});
  takeStart();
  listEnds(root);
}

// The nodes that the start has run count as run here.
void TriePass::takeStart() {
  resumed_ = 0;
  if (!start_) return;
  const TrieNode* node = &root_;
  for (const PromptStart::After& after : start_->layers) {
    node = node->find(after.layer);
    if (!node) return;
    states_.try_emplace(node, State{after.hidden, after.slot, after.head});
    ++resumed_;
  }
}

void TriePass::listEnds(const TrieNode& node) {
  if (!node.ends.empty()) ends_.push_back(&node);
  for (const auto& child : node.children) listEnds(*child);
}

bool TriePass::next() {
  if (end_ > 0) keepPathTo(*ends_[end_ - 1]);
  begin_ = end_;
  end_ = std::min(ends_.size(), begin_ + std::max<std::size_t>(1, kFullRows / tokens_.size()));
  open_ = unrunNodes(std::span(ends_).subspan(begin_, end_ - begin_));
  return begin_ < end_;
}

std::vector<Leaf> TriePass::takeLeaves() {
  std::vector<Leaf> leaves;
  for (std::size_t i = begin_; i < end_; ++i) leaves.push_back(leafOf(*ends_[i]));
  return leaves;
}

// What these programs need and nobody has run, parents before children.
std::vector<const TrieNode*> TriePass::unrunNodes(std::span<const TrieNode* const> ends) const {
  std::set<const TrieNode*> known;
  std::vector<const TrieNode*> nodes;
  for (const TrieNode* end : ends) {
    std::vector<const TrieNode*> path;
    for (const TrieNode* at = end; !states_.contains(at) && !known.contains(at); at = at->parent) path.push_back(at);
    known.insert(path.begin(), path.end());
    nodes.insert(nodes.end(), path.rbegin(), path.rend());
  }
  return nodes;
}

int TriePass::nextLayer() const {
  int lowest = -1;
  for (const TrieNode* node : open_)
    if (ready(*node) && (lowest < 0 || node->layer < lowest)) lowest = node->layer;
  return lowest;
}

// A node whose head is not in the cache runs the whole prompt, and leaves the head there.
void TriePass::collect(int layer, std::vector<at::Tensor>& rows, std::vector<RowsOfSlot>& parts) {
  const auto headTokens = static_cast<std::int64_t>(head_.size()),
             tailTokens = static_cast<std::int64_t>(tokens_.size());
  std::vector<const TrieNode*> waiting;
  for (const TrieNode* node : open_) {
    if (node->layer != layer || !ready(*node)) {
      waiting.push_back(node);
      continue;
    }
    const State& parent = states_.at(node->parent);
    Running run{node, {}, {nullptr, tailTokens, isLeaf(*node) ? tailTokens - wantedRows_ : 0}, {}};
    if (headTokens > 0) {
      std::vector<LayerIndex> path = pathTo(*node);
      run.state.head = heads_.find(head_, path, !isLeaf(*node));
      if (!run.state.head) {
        run.missingHead = std::move(path);
        rows.push_back(parent.head->hidden);
        run.part.rows += headTokens;
        run.part.from += isLeaf(*node) ? headTokens : 0;
      }
    }
    const auto& head = run.state.head;
    run.state.slot = std::make_shared<KvSlot>(head ? head->slot.fork(capacity_) : model_.makeSlot(capacity_));
    run.part.slot = run.state.slot.get();
    rows.push_back(parent.hidden);
    parts.push_back(run.part);
    ++nodes_;
    headsFound_ += head ? 1 : 0;
    unreadRows_ += run.part.from;
    running_.push_back(std::move(run));
  }
  open_ = std::move(waiting);
}

void TriePass::distribute(const at::Tensor& rows) {
  const auto headTokens = static_cast<std::int64_t>(head_.size());
  at::Tensor out = rows;
  const auto take = [&](std::int64_t count) {  // a copy: a part must not keep the whole pass alive
    at::Tensor own = out.narrow(0, 0, count).clone();
    out = out.slice(0, count);
    return own;
  };
  for (Running& run : running_) {
    std::int64_t own = run.part.rows - run.part.from;
    if (!run.missingHead.empty()) {
      at::Tensor hidden;
      if (!isLeaf(*run.node)) {
        hidden = take(headTokens);
        own -= headTokens;
      }
      // The children of this pass need the hidden states alone; keys and values are copied for later questions.
      const KvSlot& slot = *run.state.slot;
      const bool kept = heads_.admits(slot.prefixBytes(head_.size()) + HeadNode::hiddenBytes(hidden));
      run.state.head =
          std::make_shared<const HeadNode>(HeadNode{slot.prefix(kept ? head_.size() : 0), std::move(hidden)});
      if (kept) heads_.insert(head_, run.missingHead, run.state.head);
    }
    run.state.hidden = take(own);
    states_[run.node] = std::move(run.state);
  }
  running_.clear();
}

Leaf TriePass::leafOf(const TrieNode& node) const {
  const at::Tensor& hidden = states_.at(&node).hidden;
  Leaf leaf{node.ends, hidden.slice(0, hidden.size(0) - wantedRows_).clone(), {}};
  for (const TrieNode* at = &node; at->parent; at = at->parent) leaf.slots.push_back(states_.at(at).slot);
  std::reverse(leaf.slots.begin(), leaf.slots.end());
  return leaf;
}

// In depth-first order, what a later program shares with those before it lies on the path of the last; with the start
// any may share.
void TriePass::keepPathTo(const TrieNode& node) {
  std::map<const TrieNode*, State> kept;
  for (const TrieNode* at = &node; at; at = at->parent) kept.insert(states_.extract(at));
  states_ = std::move(kept);
  takeStart();
}

}  // namespace polar
