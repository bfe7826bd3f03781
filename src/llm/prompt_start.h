// A prompt after layers that were run to read it: an executor goes on from there (ExecutionRequest::start).
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "llm/head_cache.h"

namespace polar {

class LanguageModel;

// Made by PromptStates. A plain value: it may outlive the walk that made it, but not the model.
struct PromptStart {
  // The prompt after one more layer.
  struct After {
    LayerIndex layer = 0;
    // The whole prompt's. Whoever writes to a slot that others hold copies it first, and the start holds this one.
    std::shared_ptr<KvSlot> slot;
    at::Tensor hidden;                     // of the tokens after the head: [rows, width]
    std::shared_ptr<const HeadNode> head;  // with its hidden states; null where the prompt has none
  };

  const LanguageModel* model = nullptr;
  std::vector<std::int32_t> tokens;  // the prompt's
  std::size_t headTokens = 0;        // of them, as in ExecutionRequest
  std::vector<After> layers;         // in the order in which they were run
};

}  // namespace polar
