#include <ATen/ATen.h>

#include <algorithm>
#include <limits>
#include <map>
#include <vector>

#include "llm/attention.h"
#include "llm/linear.h"

namespace polar {
namespace {

constexpr float kNever = -std::numeric_limits<float>::infinity();

// The shares of scores' keys, in fp32 inside and of scores' type outside. In place where the types agree:
// scores are the largest tensor of a layer, and fresh memory costs more than the exponentials do.
at::Tensor sharesOf(at::Tensor scores) {
  if (scores.scalar_type() != at::kFloat) return at::softmax(scores, -1, at::kFloat).to(scores.dtype());
  return at::_softmax_out(scores, scores, -1, /*half_to_float=*/false);
}

// out = share · values over the first `share.size(2)` keys, in tiles of a fixed length, first to
// last: a batched product splits a long inner dimension by its length, so the same row would be
// summed in another order when more keys, masked or not, follow it. A masked tile adds 0.
void sumValues(at::Tensor out, const at::Tensor& share, const at::Tensor& values) {
  at::bmm_out(out, share.narrow(2, 0, kKeyTile), values.narrow(1, 0, kKeyTile));
  for (std::int64_t tile = kKeyTile; tile < share.size(2); tile += kKeyTile)
    out.baddbmm_(share.narrow(2, tile, kKeyTile), values.narrow(1, tile, kKeyTile));
}

at::TensorOptions indexLike(const at::Tensor& x) { return at::TensorOptions().dtype(at::kLong).device(x.device()); }

// Several tokens of one slot; query [tokens, heads, headSize] → out [tokens, heads · headSize].
void attendTogether(const at::Tensor& query, const RowsOfSlot& part, const at::Tensor& out) {
  const KvSlot& slot = *part.slot;
  const std::int64_t tokens = query.size(0), size = query.size(2), kvHeads = slot.keys().size(0),
                     group = query.size(1) / kvHeads, rows = std::max<std::int64_t>(tokens, kSafeRows),
                     span = slot.span(), seen = keysSeen(part);
  // Queries of the heads that share a KV head are below each other: [kvHeads, group · rows, headSize].
  const at::Tensor stacked = at::empty({kvHeads, group, rows, size}, query.options());
  stacked.narrow(2, 0, tokens).copy_(query.unflatten(1, {kvHeads, group}).permute({1, 2, 0, 3}));
  if (rows > tokens) stacked.narrow(2, tokens, rows - tokens).zero_();
  const at::Tensor below = stacked.view({kvHeads, group * rows, size});
  const at::Tensor scores = at::bmm(below, slot.keys().narrow(2, 0, span));
  const std::int64_t open = std::min(seen, span);  // keys from here are not every row's
  const at::Tensor later = at::arange(open, span, indexLike(query)).unsqueeze(0) >=
                           at::arange(seen, seen + rows, indexLike(query)).unsqueeze(1);
  scores.view({-1, rows, span}).narrow(2, open, span - open).masked_fill_(later, kNever);
  sumValues(below, sharesOf(scores), slot.values());
  out.view({tokens, kvHeads, group, size}).copy_(stacked.narrow(2, 0, tokens).permute({2, 0, 1, 3}));
}

// One token of each part; query [parts, heads, headSize] → out [parts, heads ·
// headSize]. As above, but what needs no keys is done for all rows at once.
void attendEach(const at::Tensor& query, std::span<const RowsOfSlot> parts, const at::Tensor& out) {
  const std::int64_t count = query.size(0), size = query.size(2), kvHeads = parts.front().slot->keys().size(0),
                     group = query.size(1) / kvHeads, rows = std::max<std::int64_t>(group, kSafeRows);
  const at::Tensor stacked = at::constant_pad_nd(query.reshape({count, kvHeads, group, size}), {0, 0, 0, rows - group});
  const at::Tensor mixed = at::empty_like(stacked);
  std::map<std::int64_t, std::vector<std::int64_t>> partsBySpan;
  for (std::int64_t i = 0; i < count; ++i) partsBySpan[parts[static_cast<std::size_t>(i)].slot->span()].push_back(i);
  for (const auto& [span, members] : partsBySpan) {
    const auto slotOf = [&](std::size_t i) -> const KvSlot& {
      return *parts[static_cast<std::size_t>(members[i])].slot;
    };
    const at::Tensor scores =
        at::empty({static_cast<std::int64_t>(members.size()), kvHeads, rows, span}, query.options());
    at::Tensor lengths = at::empty({scores.size(0), 1, 1, 1}, at::kLong);
    for (std::size_t i = 0; i < members.size(); ++i) {
      at::Tensor row = scores[static_cast<std::int64_t>(i)];
      at::bmm_out(row, stacked[members[i]], slotOf(i).keys().narrow(2, 0, span));
      lengths.data_ptr<std::int64_t>()[i] = slotOf(i).length();
    }
    scores.narrow(3, span - kKeyTile, kKeyTile)
        .masked_fill_(at::arange(span - kKeyTile, span, indexLike(query)) >= lengths.to(query.device()), kNever);
    const at::Tensor share = sharesOf(scores);
    for (std::size_t i = 0; i < members.size(); ++i)
      sumValues(mixed[members[i]], share[static_cast<std::int64_t>(i)], slotOf(i).values());
  }
  out.view({count, kvHeads, group, size}).copy_(mixed.narrow(2, 0, group));
}

}  // namespace

void attendInTiles(const at::Tensor& query, std::span<const RowsOfSlot> parts, const at::Tensor& out) {
  std::int64_t row = 0, written = 0;
  for (auto part = parts.begin(); part != parts.end();) {
    const auto single = std::find_if(part, parts.end(), [](const RowsOfSlot& other) { return other.rows != 1; });
    const std::int64_t count = single != part ? single - part : part->rows - part->from;
    if (single != part) {
      attendEach(query.narrow(0, row, count), {part, single}, out.narrow(0, written, count));
      row += count;
      part = single;
    } else {
      attendTogether(query.narrow(0, row + part->from, count), *part, out.narrow(0, written, count));
      row += part->rows;
      ++part;
    }
    written += count;
  }
}

}  // namespace polar
