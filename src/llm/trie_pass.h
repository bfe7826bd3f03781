// The prompt of one example through all its programs: every trie node once, nodes that need the same layer together.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include <ATen/core/TensorBody.h>

#include "llm/executor.h"
#include "llm/head_cache.h"
#include "llm/joint_decoder.h"
#include "llm/language_model.h"
#include "llm/program_trie.h"

namespace polar {

// Leaves come in the trie's depth-first order, a handful of programs at a time: as many as make a full product at each
// layer. So memory is bounded by their keys and values and those of the path to the next handful.
class TriePass {
 public:
  // request: any of the example's; its prompt, head and answer are read.
  TriePass(const LanguageModel& model, HeadCache& heads, const ExecutionRequest& request, int maxNewTokens,
           std::function<void(Leaf)> onLeaf);

  void run(const TrieNode& root);

  // What was run, for the count of work.
  std::int64_t nodes() const { return nodes_; }                      // layer executions, each over prompt and answer
  std::int64_t headsFound() const { return headsFound_; }            // of them, with the head's tokens out of the cache
  std::int64_t headTokens() const { return static_cast<std::int64_t>(head_.size()); }
  std::int64_t unreadRows() const { return unreadRows_; }            // rows that last layers left out

 private:
  // A node that was run.
  struct State {
    at::Tensor hidden;                     // [tail and answer tokens, width]; of a leaf, only the wanted rows
    SharedSlot slot;
    std::shared_ptr<const HeadNode> head;  // null where the prompt has none
  };

  void collect(const TrieNode& node);
  void runChunk();
  std::vector<const TrieNode*> unrunNodes() const;
  void runLayer(std::span<const TrieNode* const> group);
  Leaf leafOf(const TrieNode& node) const;
  void keepPathTo(const TrieNode& node);
  bool isLeaf(const TrieNode& node) const { return node.children.empty(); }

  const LanguageModel& model_;
  HeadCache& heads_;
  std::span<const std::int32_t> head_;
  int capacity_;  // of a slot
  std::function<void(Leaf)> onLeaf_;
  std::vector<std::int32_t> tokens_;  // the prompt's tail and the answer tokens that are fed
  std::int64_t wantedRows_ = 0;       // at the end of tokens_: the prompt's last, and the answer's
  std::size_t chunkPrograms_ = 1;
  std::vector<const TrieNode*> chunk_;
  std::map<const TrieNode*, State> states_;  // never iterated for results
  std::int64_t nodes_ = 0, headsFound_ = 0, unreadRows_ = 0;
};

}  // namespace polar
