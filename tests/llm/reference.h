// What the tests of src/llm share with torch: a program run by hand through DecoderLayer.
// To be included first: torch's headers define a CHECK of their own, which aborts, over Catch's.
#pragma once

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "llm/executor.h"
#include "llm/language_model.h"
#include "program/program.h"

#undef CHECK
#include "llm/fixtures.h"

namespace polar::testing {

// Every worker of Polar runs ATen with one thread.
inline const bool oneThread = (at::set_num_threads(1), true);

// Hidden states after a program's last layer, in one pass, a slot for each position.
inline at::Tensor runProgram(const LanguageModel& model, std::span<const std::int32_t> tokens, const Program& program) {
  at::Tensor hidden = model.embed(tokens);
  for (const LayerIndex layer : program.layers()) {
    KvSlot slot = model.makeSlot(static_cast<int>(tokens.size()));
    hidden = model.layer(layer).forward(hidden, slot);
  }
  return hidden;
}

inline std::vector<float> toVector(const at::Tensor& values) {
  const at::Tensor flat = values.to(at::kCPU, at::kFloat).contiguous().flatten();
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

inline std::vector<float> lastLogits(const LanguageModel& model, std::span<const std::int32_t> tokens,
                                     const Program& program) {
  const at::Tensor hidden = runProgram(model, tokens, program);
  return toVector(model.logits(hidden.slice(0, hidden.size(0) - 1)));
}

// Largest difference between expected[i] and found[i · stride]; infinite where the lengths do not fit or one is NaN.
inline float largestDifference(const std::vector<float>& expected, const std::vector<float>& found,
                               std::size_t stride = 1) {
  if (expected.empty() || (found.size() + stride - 1) / stride != expected.size())
    return std::numeric_limits<float>::infinity();
  float largest = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const float difference = std::abs(expected[i] - found[i * stride]);
    if (!(difference <= largest)) largest = std::isnan(difference) ? INFINITY : difference;
  }
  return largest;
}

inline bool sameBits(const Execution& a, const Execution& b) {
  return a.tokens == b.tokens && a.finished == b.finished && a.margin == b.margin &&
         a.answerLogprob == b.answerLogprob && a.prefillLayerTokens == b.prefillLayerTokens &&
         a.decodeLayerTokens == b.decodeLayerTokens;
}

}  // namespace polar::testing
