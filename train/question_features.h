// What the value model reads of a question: one row of numbers.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "data/example.h"
#include "train/kept_reading.h"

namespace polar {

class LanguageModel;
class PromptBuilder;
class QuestionEncoder;

class QuestionFeatures {
 public:
  virtual ~QuestionFeatures() = default;
  // [width()] fp32 on the CPU. A pure function of the question, never of its answer. Thread-safe.
  virtual at::Tensor read(const Example& example) const = 0;
  virtual int width() const = 0;
  // Layer executions × tokens of one reading.
  virtual std::int64_t layerTokens(const Example& example) const = 0;
  // Where a reading is no more than the standard program's first layers over the question's own prompt: how many.
  virtual int promptLayers() const { return 0; }
  // read(), and the prompt after those layers.
  virtual KeptReading readKept(const Example& example) const { return {read(example), nullptr}; }
};

// From one pass of the frozen LLM's standard program up to the last of `layers` (1 … depth; none = depth): after each
// of them the state of the last token and the mean over the question's tokens, each row scaled to a root mean square of
// 1. After the model's last layer also how sure it is of the answer's first token: the eight largest log probabilities
// and the entropy. InputError on a layer that the model does not have.
std::unique_ptr<QuestionFeatures> makeStateFeatures(std::shared_ptr<const LanguageModel> model,
                                                    std::shared_ptr<const PromptBuilder> prompts,
                                                    std::vector<int> layers);

// From an encoder's rows: the last one, and the mean of all.
std::unique_ptr<QuestionFeatures> makeEncoderFeatures(std::shared_ptr<const QuestionEncoder> encoder);

}  // namespace polar
