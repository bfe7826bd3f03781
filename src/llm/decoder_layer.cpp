#include "llm/decoder_layer.h"

#include <ATen/ATen.h>

#include <cmath>
#include <limits>

namespace polar {
namespace {

int tiles(int keys) { return (keys + kKeyTile - 1) / kKeyTile; }

at::Tensor norm(const at::Tensor& x, const at::Tensor& weight, float epsilon) {
  return at::rms_norm(x, {x.size(-1)}, weight, epsilon);
}

// The positions of the rows of a pass: each part's rows follow what its slot holds; padding rows stand at 0.
at::Tensor positionsOf(std::span<const RowsOfSlot> parts, std::int64_t rows, const at::Device& device) {
  at::Tensor positions = at::zeros({rows}, at::kLong);
  auto* out = positions.data_ptr<std::int64_t>();
  for (const RowsOfSlot& part : parts)
    for (std::int64_t i = 0; i < part.rows; ++i) *out++ = part.slot->position() + i;
  return positions.to(device);
}

// x [rows, heads, headSize]: the pairs (i, i + headSize/2) turned by the angle of their row's position.
at::Tensor rotate(const at::Tensor& x, const RotaryTable& rotary, const at::Tensor& positions) {
  const std::int64_t half = x.size(2) / 2;
  const at::Tensor cos = rotary.cos.index_select(0, positions).unsqueeze(1).to(x.dtype());
  const at::Tensor sin = rotary.sin.index_select(0, positions).unsqueeze(1).to(x.dtype());
  const at::Tensor a = x.narrow(2, 0, half), b = x.narrow(2, half, half);
  return at::cat({a * cos - b * sin, b * cos + a * sin}, 2);
}

}  // namespace

at::Tensor padRows(const at::Tensor& x) {
  const std::int64_t missing = kSafeRows - x.size(0);
  return missing > 0 ? at::constant_pad_nd(x, {0, 0, 0, missing}) : x;
}

std::shared_ptr<const RotaryTable> makeRotaryTable(const ModelConfig& config, const at::Device& device) {
  const int half = config.headSize / 2;
  // kSafeRows more: the padding rows of a pass over the last positions are rotated too.
  const int positions = std::min(config.maxPositions, 1 << 15) + kSafeRows;
  const auto real = at::TensorOptions().dtype(at::kFloat);
  at::Tensor frequency = at::empty({half}, real);
  for (int i = 0; i < half; ++i) {
    double value = std::pow(config.ropeTheta, -2.0 * i / config.headSize);
    if (config.ropeFactor != 1) {  // Llama 3.1: long wavelengths slowed by the factor, short ones kept, a ramp between
      const double turns = config.ropeOriginalPositions * value / (2 * M_PI);
      const double ramp =
          (turns - config.ropeLowFrequency) / (config.ropeHighFrequency - config.ropeLowFrequency);
      const double keep = std::clamp(ramp, 0.0, 1.0);
      value = value * keep + value / config.ropeFactor * (1 - keep);
    }
    if (!config.ropeDivisors.empty()) value /= config.ropeDivisors[static_cast<std::size_t>(i)];
    frequency[i] = static_cast<float>(value);
  }
  const at::Tensor angle = at::outer(at::arange(positions, real), frequency);
  return std::make_shared<RotaryTable>(RotaryTable{angle.cos().to(device), angle.sin().to(device)});
}

KvSlot::KvSlot(const ModelConfig& config, int capacity, const at::TensorOptions& options) {
  const std::int64_t rows = static_cast<std::int64_t>(tiles(std::max(capacity, 1))) * kKeyTile;
  keys_ = at::zeros({config.kvHeads, rows, config.headSize}, options);
  values_ = at::zeros_like(keys_);
}

KvSlot KvSlot::fork(int capacity) const {
  KvSlot copy(*this, capacity);
  return copy;
}

KvSlot::KvSlot(const KvSlot& from, int capacity) : length_(from.length_), position_(from.position_) {
  const std::int64_t rows = static_cast<std::int64_t>(tiles(std::max(capacity, from.length_))) * kKeyTile;
  keys_ = at::zeros({from.keys_.size(0), rows, from.keys_.size(2)}, from.keys_.options());
  values_ = at::zeros_like(keys_);
  keys_.narrow(1, 0, length_).copy_(from.keys_.narrow(1, 0, length_));
  values_.narrow(1, 0, length_).copy_(from.values_.narrow(1, 0, length_));
}

void KvSlot::append(const at::Tensor& keys, const at::Tensor& values) {
  const std::int64_t count = keys.size(1);
  TORCH_INTERNAL_ASSERT(length_ + count <= keys_.size(1), "KvSlot: ", length_, " + ", count, " tokens do not fit");
  keys_.narrow(1, length_, count).copy_(keys);
  values_.narrow(1, length_, count).copy_(values);
  length_ += static_cast<int>(count);
  position_ += static_cast<int>(count);
}

DecoderLayer::DecoderLayer(const ModelConfig& config, Weights weights, std::shared_ptr<const RotaryTable> rotary)
    : config_(config), weights_(std::move(weights)), rotary_(std::move(rotary)) {}

at::Tensor DecoderLayer::forward(const at::Tensor& x, KvSlot& slot) const {
  const RowsOfSlot all{&slot, x.size(0)};
  return forward(x, {&all, 1});
}

at::Tensor DecoderLayer::forward(const at::Tensor& x, std::span<const RowsOfSlot> parts) const {
  const std::int64_t tokens = x.size(0);
  at::Tensor hidden = padRows(x);
  hidden = hidden + attention(norm(hidden, weights_.inputNorm, config_.normEpsilon), parts);
  const at::Tensor middle = norm(hidden, weights_.postNorm, config_.normEpsilon);
  const auto& experts = weights_.experts;
  hidden = hidden + (experts ? experts->forward(middle, tokens) : weights_.feedForward.forward(middle));
  return hidden.narrow(0, 0, tokens);
}

// x [rows, width] projected → [rows, heads, headSize].
at::Tensor DecoderLayer::heads(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                               const at::Tensor& headNorm) const {
  const at::Tensor split = at::linear(x, weight, bias).view({x.size(0), -1, config_.headSize});
  return headNorm.defined() ? norm(split, headNorm, config_.normEpsilon) : split;
}

at::Tensor DecoderLayer::attention(const at::Tensor& x, std::span<const RowsOfSlot> parts) const {
  const at::Tensor positions = positionsOf(parts, x.size(0), x.device());
  const at::Tensor query =
      rotate(heads(x, weights_.query, weights_.queryBias, weights_.queryNorm), *rotary_, positions);
  const at::Tensor key = rotate(heads(x, weights_.key, weights_.keyBias, weights_.keyNorm), *rotary_, positions);
  const at::Tensor value = heads(x, weights_.value, weights_.valueBias, {});

  std::vector<at::Tensor> mixed;
  std::int64_t row = 0;
  for (const RowsOfSlot& part : parts) {
    part.slot->append(key.narrow(0, row, part.rows).transpose(0, 1), value.narrow(0, row, part.rows).transpose(0, 1));
    mixed.push_back(attend(query.narrow(0, row, part.rows), *part.slot));
    row += part.rows;
  }
  return at::linear(padRows(mixed.size() == 1 ? mixed.front() : at::cat(mixed)), weights_.out, weights_.outBias);
}

// query [rows, heads, headSize] of the slot's last `rows` tokens → [rows, heads · headSize].
at::Tensor DecoderLayer::attend(const at::Tensor& query, const KvSlot& slot) const {
  const std::int64_t tokens = query.size(0), size = config_.headSize, kvHeads = config_.kvHeads,
                     group = config_.heads / config_.kvHeads;
  // Row r sees keys 0 … first + r: what stands before it, and itself. Where a slot holds several passes, this is what
  // HF's attention does without a mask: one row sees every key, several see as many as their position says.
  const std::int64_t first = (tokens == 1 ? slot.length() : slot.position()) - tokens;
  const at::Tensor padded = padRows(query.reshape({tokens, config_.heads * size}));
  const std::int64_t rows = padded.size(0);
  // Queries of the heads that share a KV head stand below each other: [kvHeads, group · rows, headSize].
  const at::Tensor stacked =
      padded.view({rows, kvHeads, group, size}).permute({1, 2, 0, 3}).reshape({kvHeads, group * rows, size});
  const std::int64_t span = static_cast<std::int64_t>(tiles(slot.length())) * kKeyTile;
  const at::Tensor keys = slot.keys_.narrow(1, 0, span), values = slot.values_.narrow(1, 0, span);
  const auto index = at::TensorOptions().dtype(at::kLong).device(query.device());
  const at::Tensor later =
      at::arange(span, index).unsqueeze(0) > at::arange(first, first + rows, index).unsqueeze(1);  // [rows, span]
  at::Tensor scores = at::bmm(stacked, keys.transpose(1, 2)).mul_(1.0 / std::sqrt(static_cast<double>(size)));
  scores = scores.view({kvHeads, group, rows, span})
               .masked_fill_(later, -std::numeric_limits<float>::infinity());
  const at::Tensor share =
      at::softmax(scores, -1, at::kFloat).to(query.dtype()).view({kvHeads, group * rows, span});

  // Σ over keys in tiles of a fixed length, first to last: a GEMM splits a long inner dimension by its length, so the
  // same row would be summed in another order when more keys, masked or not, stand behind it. A masked tile adds 0.
  at::Tensor mixed = at::bmm(share.narrow(2, 0, kKeyTile), values.narrow(1, 0, kKeyTile));
  for (std::int64_t tile = kKeyTile; tile < span; tile += kKeyTile)
    mixed.baddbmm_(share.narrow(2, tile, kKeyTile), values.narrow(1, tile, kKeyTile));
  mixed = mixed.view({kvHeads, group, rows, size}).permute({2, 0, 1, 3}).reshape({rows, kvHeads * group * size});
  return mixed.narrow(0, 0, tokens);
}

}  // namespace polar
