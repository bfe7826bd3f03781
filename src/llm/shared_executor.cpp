#include <ATen/ATen.h>

#include <algorithm>
#include <atomic>

#include "llm/executor.h"
#include "llm/generation.h"
#include "llm/head_cache.h"
#include "llm/joint_decoder.h"
#include "llm/language_model.h"
#include "llm/program_trie.h"

namespace polar {
namespace {

// Walks one example's trie depth first and hands each program's end to `onLeaf`. What it computes at a node is the pass of
// the prompt's tail and the answer through one more layer.
class TrieWalk {
 public:
  TrieWalk(const LanguageModel& model, HeadCache& heads, const ExecutionRequest& request, int maxNewTokens,
           std::function<void(Leaf)> onLeaf)
      : model_(model), heads_(heads), head_(request.prompt.first(std::min(request.headTokens, request.prompt.size() - 1))),
        capacity_(static_cast<int>(scoredTokens(request)) + maxNewTokens), onLeaf_(std::move(onLeaf)) {
    tokens_.assign(request.prompt.begin() + static_cast<std::ptrdiff_t>(head_.size()), request.prompt.end());
    if (!request.answer.empty()) tokens_.insert(tokens_.end(), request.answer.begin(), request.answer.end() - 1);
    wantedRows_ = static_cast<std::int64_t>(head_.size() + tokens_.size() - request.prompt.size()) + 1;
  }

  std::int64_t headTokens() const { return static_cast<std::int64_t>(head_.size()); }
  void run(const TrieNode& root) { visit(root, model_.embed(tokens_), nullptr); }

  std::int64_t nodes = 0, headNodesComputed = 0;  // visited; of them, heads that were not in the cache

 private:
  void visit(const TrieNode& node, const at::Tensor& hidden, const HeadNode* head) {
    // clone: the leaf must not keep the whole pass alive.
    if (!node.ends.empty())
      onLeaf_({node.ends, hidden.slice(0, hidden.size(0) - wantedRows_).clone(), slots_});
    for (const auto& [layer, child] : node.children) {
      path_.push_back(layer);
      const auto below = head_.empty() ? nullptr : headNode(head);
      // Room for the answer too: then a slot that no other program holds is decoded in, not copied.
      auto slot = std::make_shared<KvSlot>(below ? below->slot.fork(capacity_) : model_.makeSlot(capacity_));
      // Behind a program's last layer nobody reads the rows before the prompt's last.
      const std::int64_t from = child->children.empty() ? hidden.size(0) - wantedRows_ : 0;
      const at::Tensor out = model_.layer(layer).forward(hidden, *slot, from);
      slots_.push_back(std::move(slot));
      ++nodes;
      visit(*child, out, below.get());
      slots_.pop_back();
      path_.pop_back();
    }
  }

  std::shared_ptr<const HeadNode> headNode(const HeadNode* parent) {
    bool computed = false;
    auto node = heads_.node(head_, path_, parent, computed);
    headNodesComputed += computed ? 1 : 0;
    return node;
  }

  const LanguageModel& model_;
  HeadCache& heads_;
  std::span<const std::int32_t> head_;
  int capacity_;  // of a slot
  std::function<void(Leaf)> onLeaf_;
  std::vector<std::int32_t> tokens_;  // the prompt's tail and the answer tokens that are fed
  std::int64_t wantedRows_ = 0;       // at the end of tokens_: the prompt's last, and the answer's
  std::vector<LayerIndex> path_;
  std::vector<SharedSlot> slots_;
};

bool sameExample(const ExecutionRequest& a, const ExecutionRequest& b) {
  return a.headTokens == b.headTokens && std::ranges::equal(a.prompt, b.prompt) && std::ranges::equal(a.answer, b.answer);
}

class SharedExecutor final : public ProgramExecutor {
 public:
  SharedExecutor(std::shared_ptr<const LanguageModel> model, DecodingOptions options, const SharingOptions& sharing)
      : model_(std::move(model)), options_(std::move(options)), sharing_(sharing), heads_(model_, sharing.headBytes) {}

  std::vector<Execution> execute(std::span<const ExecutionRequest> requests) const override {
    const at::InferenceMode inference;
    for (const ExecutionRequest& request : requests) checkRequest(*model_, options_, request);
    std::vector<Execution> results(requests.size());
    JointDecoder decoder(*model_, options_, requests, sharing_, results);
    std::int64_t computed = 0;
    for (const std::vector<std::size_t>& group : byExample(requests)) {
      const ExecutionRequest& request = requests[group.front()];
      TrieNode root;
      for (const std::size_t index : group) root.add(*requests[index].program, index);
      TrieWalk walk(*model_, heads_, request, options_.maxNewTokens, [&](Leaf leaf) { decoder.add(std::move(leaf)); });
      walk.run(root);
      computed += count(walk, request, group, requests);
    }
    decoder.finish();
    countDecoding(results, computed + decoder.layerTokens());
    return results;
  }

  ExecutorWork work() const override {
    ExecutorWork work{asked_, computed_, byLayers_, byHead_, 0};
    work.byDraft = work.asked - work.computed - work.byLayers - work.byHead;
    return work;
  }

 private:
  static std::vector<std::vector<std::size_t>> byExample(std::span<const ExecutionRequest> requests) {
    std::vector<std::vector<std::size_t>> groups;
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const auto known = std::find_if(groups.rbegin(), groups.rend(), [&](const std::vector<std::size_t>& group) {
        return sameExample(requests[group.front()], requests[i]);
      });
      if (known != groups.rend())
        known->push_back(i);
      else
        groups.push_back({i});
    }
    return groups;
  }

  // Books one example's prompt passes; returns the layer-tokens computed.
  std::int64_t count(const TrieWalk& walk, const ExecutionRequest& request, const std::vector<std::size_t>& group,
                     std::span<const ExecutionRequest> requests) const {
    const std::int64_t tokens = scoredTokens(request);
    std::int64_t layers = 0;
    for (const std::size_t index : group) layers += requests[index].program->executed();
    byLayers_ += (layers - walk.nodes) * tokens;
    const std::int64_t spared = (walk.nodes - walk.headNodesComputed) * walk.headTokens();
    byHead_ += spared;
    return walk.nodes * tokens - spared;
  }

  void countDecoding(const std::vector<Execution>& results, std::int64_t computed) const {
    computed_ += computed;
    for (const Execution& result : results) asked_ += result.prefillLayerTokens + result.decodeLayerTokens;
  }

  std::shared_ptr<const LanguageModel> model_;
  DecodingOptions options_;
  SharingOptions sharing_;
  mutable HeadCache heads_;
  mutable std::atomic<std::int64_t> asked_ = 0, computed_ = 0, byLayers_ = 0, byHead_ = 0;
};

}  // namespace

std::unique_ptr<ProgramExecutor> makeSharedExecutor(std::shared_ptr<const LanguageModel> model, DecodingOptions options,
                                                    const SharingOptions& sharing) {
  return std::make_unique<SharedExecutor>(std::move(model), std::move(options), sharing);
}

}  // namespace polar
