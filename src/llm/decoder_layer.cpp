#include "llm/decoder_layer.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

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
  const at::Tensor a = x.narrow(2, 0, half), b = x.narrow(2, half, half), turned = at::empty(x.sizes(), x.options());
  at::Tensor left = turned.narrow(2, 0, half), right = turned.narrow(2, half, half);
  at::mul_out(left, a, cos).sub_(b * sin);
  at::mul_out(right, b, cos).add_(a * sin);
  return turned;
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

constexpr float kNever = -std::numeric_limits<float>::infinity();

// The shares of scores' keys, in fp32 inside and of scores' type outside. In place where the types agree: scores are the
// largest tensor of a layer, and fresh memory costs more than the exponentials do.
at::Tensor sharesOf(at::Tensor scores) {
  if (scores.scalar_type() != at::kFloat) return at::softmax(scores, -1, at::kFloat).to(scores.dtype());
  return at::_softmax_out(scores, scores, -1, /*half_to_float=*/false);
}

// Scores of one head from which the unpacked product is the faster one.
constexpr std::int64_t kManyScores = 24'000;

// The shares of queries [kvHeads, rows, headSize] in keys [kvHeads, span, headSize], [kvHeads, rows, span]: a head's scores
// are masked and shared while they are near.
template <typename Mask>
at::Tensor sharesByHead(const at::Tensor& queries, const at::Tensor& keys, const Mask& mask) {
  const at::Tensor share = at::empty({keys.size(0), queries.size(1), keys.size(1)}, queries.options());
  for (std::int64_t head = 0; head < keys.size(0); ++head) {
    at::Tensor out = share[head];
    at::_softmax_out(out, mask(unpackedProduct(queries[head], keys[head])), -1, /*half_to_float=*/false);
  }
  return share;
}

// out = share · values over the first `share.size(2)` keys, in tiles of a fixed length, first to last: a GEMM splits a long
// inner dimension by its length, so the same row would be summed in another order when more keys, masked or not, stand
// behind it. A masked tile adds 0.
void sumValues(at::Tensor out, const at::Tensor& share, const at::Tensor& values) {
  at::bmm_out(out, share.narrow(2, 0, kKeyTile), values.narrow(1, 0, kKeyTile));
  for (std::int64_t tile = kKeyTile; tile < share.size(2); tile += kKeyTile)
    out.baddbmm_(share.narrow(2, tile, kKeyTile), values.narrow(1, tile, kKeyTile));
}

}  // namespace

at::Tensor padRows(const at::Tensor& x) {
  const std::int64_t missing = kSafeRows - x.size(0);
  return missing > 0 ? at::constant_pad_nd(x, {0, 0, 0, missing}) : x;
}

// Rows of a whole pass: widened further above 64, because a kernel is made for each row count that comes along.
at::Tensor padPass(const at::Tensor& x) {
  constexpr std::int64_t kFew = 64, kStep = 8;
  const std::int64_t rows = x.size(0);
  return rows > kFew && rows % kStep ? at::constant_pad_nd(x, {0, 0, 0, kStep - rows % kStep}) : padRows(x);
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

KvSlot::KvSlot(const ModelConfig& config, int capacity, const at::TensorOptions& options)
    : keys_(at::empty({config.kvHeads, tiles(std::max(capacity, 1)) * kKeyTile, config.headSize}, options)),
      values_(at::empty_like(keys_)) {}

KvSlot KvSlot::fork(int capacity) const {
  return {*this, length_, capacity};
}

KvSlot KvSlot::prefix(std::size_t tokens) const {
  const int count = std::min(static_cast<int>(tokens), length_);
  return {*this, count, count};
}

KvSlot::KvSlot(const KvSlot& from, int tokens, int capacity)
    : keys_(at::empty({from.keys_.size(0), tiles(std::max({capacity, tokens, 1})) * kKeyTile, from.keys_.size(2)},
                      from.keys_.options())),
      values_(at::empty_like(keys_)) {
  if (tokens > 0) append(from.keys_.narrow(1, 0, tokens), from.values_.narrow(1, 0, tokens));
  position_ = tokens + from.position_ - from.length_;
}

void KvSlot::append(const at::Tensor& keys, const at::Tensor& values) {
  const int count = static_cast<int>(keys.size(1)), end = length_ + count, tileEnd = tiles(end) * kKeyTile;
  TORCH_INTERNAL_ASSERT(tileEnd <= keys_.size(1), "KvSlot: ", length_, " + ", count, " tokens do not fit");
  keys_.narrow(1, length_, count).copy_(keys);
  values_.narrow(1, length_, count).copy_(values);
  length_ = end;
  position_ += count;
  if (tileEnd <= written_) return;
  const int from = std::max(end, written_);  // a masked key's share is 0, which must not meet a NaN left in memory
  keys_.narrow(1, from, tileEnd - from).zero_();
  values_.narrow(1, from, tileEnd - from).zero_();
  written_ = tileEnd;
}

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
                      norm(turned.narrow(1, queries, keys), weights_.keyNorm, config_.normEpsilon)}, 1);
  turned = rotate(turned, *rotary_, positionsOf(parts, x.size(0), x.device()));
  const at::Tensor query = turned.narrow(1, 0, queries).mul_(1.0 / std::sqrt(static_cast<double>(config_.headSize))),
                   key = turned.narrow(1, queries, keys), value = all.narrow(1, queries + keys, keys);
  std::int64_t row = 0;
  for (const RowsOfSlot& part : parts) {
    part.slot->append(key.narrow(0, row, part.rows).transpose(0, 1), value.narrow(0, row, part.rows).transpose(0, 1));
    row += part.rows;
  }
  std::int64_t wanted = 0;
  for (const RowsOfSlot& part : parts) wanted += part.rows - part.from;
  const at::Tensor mixed = at::empty({wanted, queries * config_.headSize}, x.options());
  row = 0;
  std::int64_t written = 0;
  for (auto part = parts.begin(); part != parts.end();) {
    const auto single = std::find_if(part, parts.end(), [](const RowsOfSlot& other) { return other.rows != 1; });
    const std::int64_t count = single != part ? single - part : part->rows - part->from;
    const at::Tensor out = mixed.narrow(0, written, count);
    if (single != part) {
      attendEach(query.narrow(0, row, count), {part, single}, out);
      row += count;
      part = single;
    } else {
      attend(query.narrow(0, row + part->from, count), *part->slot, out);
      row += part->rows;
      ++part;
    }
    written += count;
  }
  return mixed;
}

// query [rows, heads, headSize] of the slot's last `rows` tokens → out [rows, heads · headSize].
void DecoderLayer::attend(const at::Tensor& query, const KvSlot& slot, const at::Tensor& out) const {
  const std::int64_t tokens = query.size(0), size = config_.headSize, kvHeads = config_.kvHeads,
                     group = config_.heads / config_.kvHeads, rows = std::max<std::int64_t>(tokens, kSafeRows);
  // Row r sees keys 0 … first + r: what stands before it, and itself. Where a slot holds several passes, this is what
  // HF's attention does without a mask: one row sees every key, several see as many as their position says.
  const std::int64_t first = (tokens == 1 ? slot.length() : slot.position()) - tokens;
  // Queries of the heads that share a KV head stand below each other: [kvHeads, group · rows, headSize].
  at::Tensor stacked = at::empty({kvHeads, group, rows, size}, query.options());
  stacked.narrow(2, 0, tokens).copy_(query.unflatten(1, {kvHeads, group}).permute({1, 2, 0, 3}));
  if (rows > tokens) stacked.narrow(2, tokens, rows - tokens).zero_();
  const std::int64_t span = static_cast<std::int64_t>(tiles(slot.length())) * kKeyTile;
  const std::int64_t open = std::min(first + 1, span);  // keys from here are not every row's
  const auto index = at::TensorOptions().dtype(at::kLong).device(query.device());
  const at::Tensor later = at::arange(open, span, index).unsqueeze(0) > at::arange(first, first + rows, index).unsqueeze(1);
  const auto mask = [&](const at::Tensor& scores) {
    scores.view({-1, rows, span}).narrow(2, open, span - open).masked_fill_(later, kNever);
    return scores;
  };
  const at::Tensor below = stacked.view({kvHeads, group * rows, size}), keys = slot.keys_.narrow(1, 0, span);
  const at::Tensor share = scoresByHead_ && group * rows * span >= kManyScores
                               ? sharesByHead(below, keys, mask)
                               : sharesOf(mask(at::bmm(below, keys.transpose(1, 2))));
  sumValues(below, share, slot.values_);
  out.view({tokens, kvHeads, group, size}).copy_(stacked.narrow(2, 0, tokens).permute({2, 0, 1, 3}));
}

// One token of each part; query [parts, heads, headSize] → out [parts, heads · headSize]. As `attend`, but what needs no
// keys is done for all rows at once.
void DecoderLayer::attendEach(const at::Tensor& query, std::span<const RowsOfSlot> parts, const at::Tensor& out) const {
  const std::int64_t count = query.size(0), size = config_.headSize, kvHeads = config_.kvHeads,
                     group = config_.heads / config_.kvHeads, rows = std::max<std::int64_t>(group, kSafeRows);
  const at::Tensor stacked =
      at::constant_pad_nd(query.reshape({count, kvHeads, group, size}), {0, 0, 0, rows - group});
  const at::Tensor mixed = at::empty_like(stacked);
  std::map<std::int64_t, std::vector<std::int64_t>> partsBySpan;
  for (std::int64_t i = 0; i < count; ++i)
    partsBySpan[tiles(parts[static_cast<std::size_t>(i)].slot->length()) * kKeyTile].push_back(i);
  for (const auto& [span, members] : partsBySpan) {
    const auto slotOf = [&](std::size_t i) -> const KvSlot& { return *parts[static_cast<std::size_t>(members[i])].slot; };
    const at::Tensor scores = at::empty({static_cast<std::int64_t>(members.size()), kvHeads, rows, span}, query.options());
    at::Tensor lengths = at::empty({scores.size(0), 1, 1, 1}, at::kLong);
    for (std::size_t i = 0; i < members.size(); ++i) {
      at::Tensor row = scores[static_cast<std::int64_t>(i)];
      at::bmm_out(row, stacked[members[i]], slotOf(i).keys_.narrow(1, 0, span).transpose(1, 2));
      lengths.data_ptr<std::int64_t>()[i] = slotOf(i).length();
    }
    const auto index = at::TensorOptions().dtype(at::kLong).device(query.device());
    scores.narrow(3, span - kKeyTile, kKeyTile)
        .masked_fill_(at::arange(span - kKeyTile, span, index) >= lengths.to(query.device()), kNever);
    const at::Tensor share = sharesOf(scores);
    for (std::size_t i = 0; i < members.size(); ++i)
      sumValues(mixed[members[i]], share[static_cast<std::int64_t>(i)], slotOf(i).values_);
  }
  out.view({count, kvHeads, group, size}).copy_(mixed.narrow(2, 0, group));
}

}  // namespace polar
