#include "llm/self_check.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "llm/language_model.h"

namespace polar {
namespace {

constexpr int kRows = 64, kMostSafeRows = 16, kTokens = 150;

// Reproducible values without torch's global generator.
at::Tensor pattern(std::int64_t rows, std::int64_t columns, const at::TensorOptions& options) {
  const at::Tensor index = at::arange(rows * columns, at::TensorOptions().dtype(at::kDouble));
  return at::sin(index * 12.9898).view({rows, columns}).to(options.device(), c10::typeMetaToScalarType(options.dtype()));
}

int leastSafeRows(std::int64_t inner, std::int64_t outer, const at::TensorOptions& options) {
  const at::Tensor x = pattern(kRows, inner, options), weight = pattern(outer, inner, options);
  const at::Tensor whole = at::linear(x, weight);
  int safe = 0;
  for (int rows = kMostSafeRows; rows >= 1; --rows) {
    if (!at::equal(at::linear(x.narrow(0, 0, rows), weight), whole.narrow(0, 0, rows))) break;
    safe = rows;
  }
  return safe;
}

bool layerIsInvariant(const LanguageModel& model, const at::TensorOptions& options) {
  const at::Tensor x = pattern(kTokens, model.config().width, options);
  const auto inChunks = [&](std::int64_t chunk) {
    KvSlot slot = model.makeSlot(kTokens);
    std::vector<at::Tensor> rows;
    for (std::int64_t at = 0; at < kTokens; at += chunk)
      rows.push_back(model.layer(0).forward(x.narrow(0, at, std::min<std::int64_t>(chunk, kTokens - at)), slot));
    return at::cat(rows);
  };
  const at::Tensor whole = inChunks(kTokens);
  for (const std::int64_t chunk : {1, 3, 7, 64})
    if (!at::equal(inChunks(chunk), whole)) return false;
  return true;
}

}  // namespace

bool SelfCheck::holds() const {
  return layerInvariant && std::all_of(linears.begin(), linears.end(), [](const Linear& linear) {
           return linear.safeRows >= 1 && linear.safeRows <= kSafeRows;
         });
}

SelfCheck numericSelfCheck(const LanguageModel& model) {
  const at::InferenceMode inference;
  const ModelConfig& config = model.config();
  const at::TensorOptions options = model.embed(std::vector<std::int32_t>{0}).options();
  const std::int64_t queries = static_cast<std::int64_t>(config.heads) * config.headSize,
                     keys = static_cast<std::int64_t>(config.kvHeads) * config.headSize;
  SelfCheck check;
  check.linears = {{"query", config.width, queries},         {"key, value", config.width, keys},
                   {"attention out", queries, config.width}, {"gate, up", config.width, config.feedForward},
                   {"down", config.feedForward, config.width}, {"logits", config.width, config.vocabulary}};
  if (config.experts > 0)
    check.linears.insert(check.linears.end(), {{"expert gate, up", config.width, config.expertFeedForward},
                                               {"expert down", config.expertFeedForward, config.width},
                                               {"router", config.width, (config.experts + 16) / 16 * 16},
                                               {"shared gate, up", config.width, config.sharedFeedForward},
                                               {"shared down", config.sharedFeedForward, config.width}});
  for (SelfCheck::Linear& linear : check.linears)
    linear.safeRows = leastSafeRows(linear.inner, linear.outer, options);
  check.layerInvariant = layerIsInvariant(model, options);
  return check;
}

}  // namespace polar
