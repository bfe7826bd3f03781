#include <ATen/ATen.h>

#include <algorithm>
#include <atomic>

#include "llm/executor.h"
#include "llm/generation.h"
#include "llm/head_cache.h"
#include "llm/joint_decoder.h"
#include "llm/language_model.h"
#include "llm/program_trie.h"
#include "llm/trie_pass.h"

namespace polar {
namespace {

bool sameExample(const ExecutionRequest& a, const ExecutionRequest& b) {
  return a.headTokens == b.headTokens && std::ranges::equal(a.prompt, b.prompt) &&
         std::ranges::equal(a.answer, b.answer);
}

class SharedExecutor final : public ProgramExecutor {
 public:
  SharedExecutor(std::shared_ptr<const LanguageModel> model, DecodingOptions options, const SharingOptions& sharing)
      : model_(std::move(model)), options_(std::move(options)), sharing_(sharing), heads_(sharing.headBytes) {}

  std::vector<Execution> execute(std::span<const ExecutionRequest> requests) const override {
    const at::InferenceMode inference;
    useOneThread();
    for (const ExecutionRequest& request : requests) checkRequest(*model_, options_, request);
    std::vector<Execution> results(requests.size());
    JointDecoder decoder(*model_, options_, requests, sharing_, results);
    std::int64_t computed = 0;
    for (const std::vector<std::size_t>& group : byExample(requests)) {
      const ExecutionRequest& request = startedOf(group, requests);
      TrieNode root;
      for (const std::size_t index : group) root.add(*requests[index].program, index);
      TriePass pass(*model_, heads_, request, options_.maxNewTokens, root);
      while (pass.next()) {
        run(decoder, &pass);
        decoder.add(pass.takeLeaves());
        while (decoder.overBudget()) run(decoder, nullptr);
      }
      computed += count(pass, request, group, requests);
    }
    while (!decoder.empty()) run(decoder, nullptr);
    countAll(requests, results, computed + decoder.layerTokens());
    return results;
  }

  ExecutorWork work() const override {
    ExecutorWork work{asked_, computed_, byLayers_, byHead_, byLast_, 0, byStart_};
    work.byDraft = work.asked - work.computed - work.byLayers - work.byHead - work.byLast - work.byStart;
    return work;
  }

 private:
  // A handful of prompts (or none), and a token of the programs that decode: they go
  // along with the prompts once they are many, and alone where no prompt is left.
  void run(JointDecoder& decoder, TriePass* pass) const {
    const bool decodes = !pass || decoder.many();
    std::vector<LayerWork*> works;
    if (pass) works.push_back(pass);
    if (decodes) {
      decoder.begin();
      works.push_back(&decoder);
    }
    runLayers(*model_, works);
    if (decodes) decoder.end();
  }

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

  // A request of the example that names a start, where any does.
  static const ExecutionRequest& startedOf(const std::vector<std::size_t>& group,
                                           std::span<const ExecutionRequest> requests) {
    const auto started = std::ranges::find_if(group, [&](std::size_t index) { return requests[index].start; });
    return requests[started == group.end() ? group.front() : *started];
  }

  // Books one example's prompt passes; returns the layer-tokens computed.
  std::int64_t count(const TriePass& pass, const ExecutionRequest& request, const std::vector<std::size_t>& group,
                     std::span<const ExecutionRequest> requests) const {
    const std::int64_t tokens = scoredTokens(request), byHead = pass.headsFound() * pass.headTokens();
    std::int64_t layers = 0;
    for (const std::size_t index : group) layers += requests[index].program->executed();
    byLayers_ += (layers - pass.nodes() - pass.resumed()) * tokens;
    byStart_ += pass.resumed() * tokens;
    byHead_ += byHead;
    byLast_ += pass.unreadRows();
    return pass.nodes() * tokens - byHead - pass.unreadRows();
  }

  void countAll(std::span<const ExecutionRequest> requests, const std::vector<Execution>& results,
                std::int64_t computed) const {
    computed_ += computed;
    for (std::size_t i = 0; i < results.size(); ++i) asked_ += askedLayerTokens(requests[i], results[i]);
  }

  std::shared_ptr<const LanguageModel> model_;
  DecodingOptions options_;
  SharingOptions sharing_;
  mutable HeadCache heads_;
  mutable std::atomic<std::int64_t> asked_ = 0, computed_ = 0, byLayers_ = 0, byHead_ = 0, byLast_ = 0, byStart_ = 0;
};

}  // namespace

std::unique_ptr<ProgramExecutor> makeSharedExecutor(std::shared_ptr<const LanguageModel> model, DecodingOptions options,
                                                    const SharingOptions& sharing) {
  return std::make_unique<SharedExecutor>(std::move(model), std::move(options), sharing);
}

}  // namespace polar
