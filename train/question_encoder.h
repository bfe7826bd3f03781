// Question encoders: what the predictor reads. "self" takes the frozen LLM's own hidden states at a chosen layer.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <memory>

#include "data/example.h"
#include "train/kept_reading.h"

namespace polar {

class LanguageModel;
class PromptBuilder;
class Tokenizer;

class QuestionEncoder {
 public:
  virtual ~QuestionEncoder() = default;
  // [T, width()] fp32 on the CPU, T ≥ 1: one row per token of the example's own part of the prompt (the tail). A pure
  // function of the question, never of its answer.
  virtual at::Tensor encode(const Example& example) const = 0;
  virtual int width() const = 0;
  // Layer executions × tokens of one encode.
  virtual std::int64_t layerTokens(const Example& example) const = 0;
  // Where an encode is no more than the standard program's first layers over the question's own prompt: how many.
  virtual int promptLayers() const { return 0; }
  // encode(), and the prompt after those layers.
  virtual KeptReading encodeKept(const Example& example) const { return {encode(example), nullptr}; }
};

// Rows [T, width], each scaled to a root mean square of 1: residual streams grow with depth, and those of single tokens
// by orders of magnitude.
at::Tensor scaledRows(const at::Tensor& rows);

// Each row is scaled to a root mean square of 1 (as the paper's encoder, which ends in a norm).
// layer: hidden states after it, 1 … depth; -1 = depth. InputError on another one.
//
// Its cost is layer × all prompt tokens, the head included. A program that begins with the same layers goes on from
// there; what it shares is not paid twice (Policy::promptLayersRead).
std::unique_ptr<QuestionEncoder> makeSelfEncoder(std::shared_ptr<const LanguageModel> model,
                                                 std::shared_ptr<const PromptBuilder> prompts, int layer);

// One row: the mean of another encoder's, scaled to a root mean square of 1.
std::unique_ptr<QuestionEncoder> makeMeanPooledEncoder(std::shared_ptr<const QuestionEncoder> encoder);

// The question's own text, without any prompt, through another model of our families (the paper's: Qwen3-Embedding),
// fp32: the rows after its output norm. The tokens that its tokenizer adds before and after a text are added:
// Qwen3-Embedding was trained to give the meaning of a text at the end token. Its cost counts that model's layers.
std::unique_ptr<QuestionEncoder> makeEmbeddingEncoder(std::shared_ptr<const LanguageModel> model,
                                                      std::shared_ptr<const Tokenizer> tokenizer);

}  // namespace polar
