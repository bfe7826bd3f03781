#include "llm/prompt_states.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "llm/language_model.h"

namespace polar {

void PromptStates::read(std::span<const std::int32_t> tokens, std::size_t headTokens, int last, const See& see) const {
  useOneThread();
  // No inference mode: a trainer may save these rows for its backward pass.
  const at::NoGradGuard noGrad;
  const std::size_t head = std::min(headTokens, tokens.size() - 1);
  const auto slots = slotsOf(tokens.first(head), last);
  at::Tensor hidden = model_->embed(tokens.subspan(head));
  for (int layer = 1; layer <= last; ++layer) {
    KvSlot slot = (*slots)[static_cast<std::size_t>(layer - 1)].fork(static_cast<int>(tokens.size()));
    hidden = model_->layer(layer - 1).forward(hidden, slot);
    see(layer, hidden);
  }
}

std::shared_ptr<const PromptStates::Slots> PromptStates::slotsOf(std::span<const std::int32_t> head, int layers) const {
  const std::lock_guard lock(mutex_);
  if (slots_ && static_cast<int>(slots_->size()) >= layers && std::ranges::equal(head, head_)) return slots_;
  Slots slots;
  at::Tensor hidden = head.empty() ? at::Tensor() : model_->embed(head);
  for (int layer = 0; layer < layers; ++layer) {
    slots.push_back(model_->makeSlot(static_cast<int>(head.size())));
    if (!head.empty()) hidden = model_->layer(layer).forward(hidden, slots.back());
  }
  head_.assign(head.begin(), head.end());
  slots_ = std::make_shared<const Slots>(std::move(slots));
  return slots_;
}

}  // namespace polar
