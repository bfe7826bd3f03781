// Hidden states of prompts on their way through the layers, for what
// reads questions: encoders, the value model's features, routers.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "llm/head_cache.h"
#include "llm/prompt_start.h"

namespace polar {

class LanguageModel;

// One prompt after the layers that it was sent through so far. Lives no longer than the PromptStates that gave it, nor
// than the tokens.
class PromptWalk {
 public:
  // The states of the tokens after the head, at least of the last
  // token: [rows, width], in the model's type, on its device.
  const at::Tensor& states() const { return states_; }
  void run(LayerIndex layer);

 private:
  friend class PromptStates;
  PromptWalk(const LanguageModel& model, HeadCache& heads, std::span<const std::int32_t> tokens, std::size_t headTokens,
             PromptStart* kept);
  std::shared_ptr<const HeadNode> headAfter(LayerIndex layer) const;

  const LanguageModel& model_;
  HeadCache& heads_;
  std::span<const std::int32_t> head_;
  int capacity_;
  std::vector<LayerIndex> path_;
  std::shared_ptr<const HeadNode> node_;  // null: no head
  at::Tensor states_;
  PromptStart* kept_;  // null: nobody goes on from here
};

// Thread-safe. Remembers what the head, which all prompts of a template share, is after each path of layers.
class PromptStates {
 public:
  explicit PromptStates(std::shared_ptr<const LanguageModel> model);

  const LanguageModel& model() const { return *model_; }
  // The first `headTokens` are the head. States are the same bits as without
  // one where the model's self-check holds, and whatever was read before.
  // `kept`, where not null, becomes what an executor can go on from, layer by layer; it must outlive the walk. It holds
  // the prompt's keys and values, which a walk otherwise drops.
  PromptWalk walk(std::span<const std::int32_t> tokens, std::size_t headTokens, PromptStart* kept = nullptr) const;
  // The standard program as far as layer `last`; called after each of the layers 1 … last.
  using See = std::function<void(int layer, const at::Tensor& states)>;
  void read(std::span<const std::int32_t> tokens, std::size_t headTokens, int last, const See& see,
            PromptStart* kept = nullptr) const;

 private:
  std::shared_ptr<const LanguageModel> model_;
  mutable HeadCache heads_;
};

}  // namespace polar
