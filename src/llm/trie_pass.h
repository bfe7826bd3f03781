// The prompt of one example through all its programs: every trie node once, nodes that need the same layer together.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "llm/executor.h"
#include "llm/head_cache.h"
#include "llm/joint_decoder.h"
#include "llm/language_model.h"
#include "llm/layer_work.h"
#include "llm/program_trie.h"

namespace polar {

// A handful of programs at a time, in the trie's depth-first order: as many as make a full product at each layer. So
// memory is bounded by their keys and values and those of the path to the next handful.
class TriePass final : public LayerWork {
 public:
  // request: any of the example's; its prompt, head, answer and start are read. `root` must outlive the pass.
  TriePass(const LanguageModel& model, HeadCache& heads, const ExecutionRequest& request, int maxNewTokens,
           const TrieNode& root);

  // Takes up the next handful: to be run by runLayers, then asked for its leaves. False: there is none.
  bool next();
  std::vector<Leaf> takeLeaves();

  int nextLayer() const override;
  void collect(int layer, std::vector<at::Tensor>& rows, std::vector<RowsOfSlot>& parts) override;
  void distribute(const at::Tensor& rows) override;

  // What was run, for the count of work.
  std::int64_t nodes() const { return nodes_; }            // layer executions, each over prompt and answer
  std::int64_t headsFound() const { return headsFound_; }  // of them, with the head's tokens out of the cache
  std::int64_t headTokens() const { return static_cast<std::int64_t>(head_.size()); }
  std::int64_t unreadRows() const { return unreadRows_; }  // rows that last layers left out
  std::int64_t resumed() const { return resumed_; }        // nodes that were not run: they are the start's

 private:
  // A node that was run.
  struct State {
    at::Tensor hidden;  // [tail and answer tokens, width]; of a leaf, only the wanted rows
    SharedSlot slot;
    std::shared_ptr<const HeadNode> head;  // null where the prompt has none
  };

  // A node that is being run.
  struct Running {
    const TrieNode* node;
    State state;
    RowsOfSlot part;
    std::vector<LayerIndex> missingHead;  // the path of a head that is run along, else empty
  };

  void takeStart();
  void listEnds(const TrieNode& node);
  std::vector<const TrieNode*> unrunNodes(std::span<const TrieNode* const> ends) const;
  bool ready(const TrieNode& node) const { return states_.contains(node.parent); }
  Leaf leafOf(const TrieNode& node) const;
  void keepPathTo(const TrieNode& node);
  static bool isLeaf(const TrieNode& node) { return node.children.empty(); }

  const LanguageModel& model_;
  HeadCache& heads_;
  const TrieNode& root_;
  const PromptStart* start_;  // null: none that can be used
  std::span<const std::int32_t> head_;
  int capacity_;                       // of a slot
  std::vector<std::int32_t> tokens_;   // the prompt's tail and the answer tokens that are fed
  std::int64_t wantedRows_ = 0;        // at the end of tokens_: the prompt's last, and the answer's
  std::vector<const TrieNode*> ends_;  // where programs end, depth first
  std::size_t begin_ = 0, end_ = 0;    // of the handful, in ends_
  std::vector<const TrieNode*> open_;  // its nodes that wait, parents before children
  std::vector<Running> running_;
  std::map<const TrieNode*, State> states_;  // of nodes that were run; never iterated for results
  std::int64_t nodes_ = 0, headsFound_ = 0, unreadRows_ = 0, resumed_ = 0;
};

}  // namespace polar
