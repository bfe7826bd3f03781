// Question encoder "self": the frozen LLM's own hidden states at a chosen layer (nearly free: the pass computes them).
#pragma once

#include <memory>

#include <ATen/core/TensorBody.h>

#include "data/example.h"

namespace polar {

class LanguageModel;
class PromptBuilder;

class QuestionEncoder {
 public:
  virtual ~QuestionEncoder() = default;
  // [T, width()] fp32: one row per token of the example's own part of the prompt (the tail).
  virtual at::Tensor encode(const Example& example) const = 0;
  virtual int width() const = 0;
  // Layer executions × tokens of one encode beyond what the standard pass computes anyway.
  virtual std::int64_t layerTokens(const Example& example) const = 0;
};

// layer: hidden states after it, 1 … depth; -1 = depth.
std::unique_ptr<QuestionEncoder> makeSelfEncoder(std::shared_ptr<const LanguageModel> model,
                                                 std::shared_ptr<const PromptBuilder> prompts, int layer);

}  // namespace polar
