#include "llm/prompt_states.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "llm/language_model.h"

namespace polar {
namespace {

constexpr std::int64_t kHeadBytes = std::int64_t{1} << 30;

}  // namespace

PromptWalk::PromptWalk(const LanguageModel& model, HeadCache& heads, std::span<const std::int32_t> tokens,
                       std::size_t headTokens, PromptStart* kept)
    : model_(model), heads_(heads), head_(tokens.first(std::min(headTokens, tokens.size() - 1))),
      capacity_(static_cast<int>(tokens.size())), states_(model.embed(tokens.subspan(head_.size()))), kept_(kept) {
  if (!head_.empty()) node_ = std::make_shared<const HeadNode>(HeadNode{model.makeSlot(0), model.embed(head_)});
  if (kept_) *kept_ = {&model, {tokens.begin(), tokens.end()}, headTokens, {}};
}

void PromptWalk::run(LayerIndex layer) {
  useOneThread();
  // No inference mode: a trainer may save these rows for its backward pass.
  const at::NoGradGuard noGrad;
  path_.push_back(layer);
  if (node_) node_ = headAfter(layer);
  auto slot = std::make_shared<KvSlot>(node_ ? node_->slot.fork(capacity_) : model_.makeSlot(capacity_));
  states_ = model_.layer(layer).forward(states_, *slot);
  if (kept_) kept_->layers.push_back({layer, std::move(slot), states_, node_});
}

std::shared_ptr<const HeadNode> PromptWalk::headAfter(LayerIndex layer) const {
  if (auto known = heads_.find(head_, path_, /*hidden=*/true)) return known;
  KvSlot slot = model_.makeSlot(static_cast<int>(head_.size()));
  at::Tensor hidden = model_.layer(layer).forward(node_->hidden, slot);
  auto node = std::make_shared<const HeadNode>(HeadNode{std::move(slot), std::move(hidden)});
  if (heads_.admits(node->bytes())) heads_.insert(head_, path_, node);
  return node;
}

PromptStates::PromptStates(std::shared_ptr<const LanguageModel> model) : model_(std::move(model)), heads_(kHeadBytes) {}

PromptWalk PromptStates::walk(std::span<const std::int32_t> tokens, std::size_t headTokens, PromptStart* kept) const {
  return {*model_, heads_, tokens, headTokens, kept};
}

void PromptStates::read(std::span<const std::int32_t> tokens, std::size_t headTokens, int last, const See& see,
                        PromptStart* kept) const {
  PromptWalk walk = this->walk(tokens, headTokens, kept);
  for (int layer = 1; layer <= last; ++layer) {
    walk.run(static_cast<LayerIndex>(layer - 1));
    see(layer, walk.states());
  }
}

}  // namespace polar
