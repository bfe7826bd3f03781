#include "llm/decoder_layer.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace polar {
namespace {

at::Tensor norm(const at::Tensor& x, const at::Tensor& weight, float epsilon) {
  return at::rms_norm(x, {x.size(-1)}, weight, epsilon);
}

// The positions of the rows of a pass: each part's rows follow what its slot holds; padding rows are at 0.
at::Tensor positionsOf(std::span<const RowsOfSlot> parts, std::int64_t rows, const at::Device& device) {
  at::Tensor positions = at::zeros({rows}, at::kLong);
  auto* out = positions.data_ptr<std::int64_t>();
  for (const RowsOfSlot& part : parts)
    for (std::int64_t i = 0; i < part.rows; ++i) *out++ = part.slot->position() + i;
  return positions.to(device);
}

at::Tensor wantedRows(const at::Tensor& x, std::span<const RowsOfSlot> parts) {
  std::vector<at::Tensor> wanted;
  std::int64_t row = 0;
  for (const RowsOfSlot& part : parts) {
    wanted.push_back(x.narrow(0, row + part.from, part.rows - part.from));
    row += part.rows;
  }
  return at::cat(wanted);
}

}  // namespace

DecoderLayer::DecoderLayer(const ModelConfig& config, Weights weights, std::shared_ptr<const RotaryTable> rotary)
    : config_(config), weights_(std::move(weights)), rotary_(std::move(rotary)) {}

at::Tensor DecoderLayer::forward(const at::Tensor& x, KvSlot& slot) const {
  const RowsOfSlot all{&slot, x.size(0)};
  return forward(x, {&all, 1});
}

at::Tensor DecoderLayer::forward(const at::Tensor& x, std::span<const RowsOfSlot> parts) const {
  at::Tensor hidden = padPass(x);
  const at::Tensor mixed = attention(norm(hidden, weights_.inputNorm, config_.normEpsilon), parts);
  const std::int64_t tokens = mixed.size(0);
  if (tokens < x.size(0)) hidden = padPass(wantedRows(x, parts));
  hidden = weights_.out.plus(padPass(mixed), hidden);
  const at::Tensor middle = norm(hidden, weights_.postNorm, config_.normEpsilon);
  hidden = weights_.experts ? hidden + weights_.experts->forward(middle, tokens)
                            : weights_.feedForward.forwardPlus(middle, hidden);
  return hidden.narrow(0, 0, tokens);
}

void DecoderLayer::forEachProduct(const UseProduct& use) {
  use("query, key, value", weights_.queryKeyValue);
  use("attention out", weights_.out);
  weights_.feedForward.forEachProduct("", use);
  if (weights_.experts) weights_.experts->forEachProduct(use);
}

at::Tensor DecoderLayer::attention(const at::Tensor& x, std::span<const RowsOfSlot> parts) const {
  const std::int64_t queries = config_.heads, keys = config_.kvHeads;
  const at::Tensor all = weights_.queryKeyValue(x).view({x.size(0), queries + 2 * keys, config_.headSize});
  at::Tensor turned = all.narrow(1, 0, queries + keys);
  if (weights_.queryNorm.defined())
    turned = at::cat({norm(turned.narrow(1, 0, queries), weights_.queryNorm, config_.normEpsilon),
                      norm(turned.narrow(1, queries, keys), weights_.keyNorm, config_.normEpsilon)},
                     1);
  const at::TensorOptions options = attentionOptions(x.options());
  turned = turned.to(options);
  rotate(turned, *rotary_, positionsOf(parts, x.size(0), x.device()), queries,
         1.0 / std::sqrt(static_cast<double>(config_.headSize)));
  const at::Tensor query = turned.narrow(1, 0, queries), key = turned.narrow(1, queries, keys),
                   value = all.narrow(1, queries + keys, keys);
  std::int64_t row = 0, wanted = 0;
  for (const RowsOfSlot& part : parts) {
    part.slot->append(key.narrow(0, row, part.rows), value.narrow(0, row, part.rows));
    row += part.rows;
    wanted += part.rows - part.from;
  }
  at::Tensor mixed = at::empty({wanted, queries * config_.headSize}, options);
  attend_(query, parts, mixed);
  return mixed.to(x.options());
}

}  // namespace polar
