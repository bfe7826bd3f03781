#include <ATen/ATen.h>
#include <ATen/native/CPUBlas.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "llm/attention.h"

namespace polar {
namespace {

// Rows of a block: enough for the kernel's best rate, few enough that
// keys after all of them are left out and that their scores stay near.
constexpr std::int64_t kBlockRows = 64;
// Scores that are made, shared and used before the next ones: 256 KB.
constexpr std::int64_t kNearScores = 1 << 16;

// Rows that read the same keys: a block of one head's rows or, of a single token, all heads that share a KV head.
struct Block {
  const KvSlot* slot;
  std::int64_t kvHead;
  const float* query;
  float* out;
  std::int64_t rows;
  std::int64_t queryStep, outStep;  // from row to row
  std::int64_t seen, seenStep;      // keys that the first row sees, and how many more each next one does
  std::int64_t span() const { return wholeTiles(seen + (rows - 1) * seenStep); }
};

// c [rows, columns] = a [rows, inner] · b [inner, columns]; a "step" is the distance from row to row. An element's
// bits depend on its row and column alone, and zeros after `inner` leave no trace; the self-check watches that.
void multiply(const float* a, std::int64_t aStep, const float* b, std::int64_t bStep, float* c, std::int64_t cStep,
              std::int64_t rows, std::int64_t columns, std::int64_t inner) {
  at::native::cpublas::brgemm(rows, columns, inner, aStep, bStep, cStep, /*add_C=*/false, a, b, c);
}

void listBlocks(const RowsOfSlot& part, const float* query, std::int64_t queryStep, float* out, std::int64_t heads,
                std::vector<Block>& blocks) {
  const std::int64_t size = part.slot->values().size(2), kvHeads = part.slot->values().size(0), group = heads / kvHeads,
                     rows = part.rows - part.from, seen = keysSeen(part);
  if (rows == 1) {
    for (std::int64_t kv = 0; kv < kvHeads; ++kv)
      blocks.push_back({part.slot, kv, query + kv * group * size, out + kv * group * size, group, size, size, seen, 0});
    return;
  }
  for (std::int64_t from = 0; from < rows; from += kBlockRows)
    for (std::int64_t head = 0; head < heads; ++head)
      blocks.push_back({part.slot, head / group, query + from * queryStep + head * size,
                        out + (from * heads + head) * size, std::min(kBlockRows, rows - from), queryStep, heads * size,
                        seen + from, 1});
}

void score(const Block& block, float* scores) {
  const at::Tensor& keys = block.slot->keys();
  const std::int64_t size = keys.size(1), capacity = keys.size(2), span = block.span();
  multiply(block.query, block.queryStep, keys.const_data_ptr<float>() + block.kvHead * size * capacity, capacity,
           scores, span, block.rows, span, size);
  for (std::int64_t row = 0; row < block.rows; ++row)
    std::fill(scores + row * span + block.seen + row * block.seenStep, scores + (row + 1) * span,
              -std::numeric_limits<float>::infinity());
}

void mix(const Block& block, const float* shares) {
  const at::Tensor& values = block.slot->values();
  const std::int64_t capacity = values.size(1), size = values.size(2), span = block.span();
  multiply(shares, span, values.const_data_ptr<float>() + block.kvHead * capacity * size, size, block.out,
           block.outStep, block.rows, size, span);
}

// Blocks of one span.
void run(std::span<const Block> blocks, std::int64_t rows, const at::Tensor& memory) {
  const std::int64_t span = blocks.front().span();
  const at::Tensor scores = memory.narrow(0, 0, rows * span).view({rows, span});
  auto* at = scores.data_ptr<float>();
  for (const Block& block : blocks) {
    score(block, at);
    at += block.rows * span;
  }
  at::Tensor shares = scores;
  at::_softmax_out(shares, scores, -1, /*half_to_float=*/false);
  at = scores.data_ptr<float>();
  for (const Block& block : blocks) {
    mix(block, at);
    at += block.rows * span;
  }
}

}  // namespace

bool canAttendInBlocks(const ModelConfig&, const at::TensorOptions& options) {
  static const bool known = [] {
    float one[] = {1}, product[] = {0};
    try {
      multiply(one, 1, one, 1, product, 1, 1, 1, 1);
    } catch (const c10::Error&) {  // "only supported where …": there is no way to ask
      return false;
    }
    return product[0] == 1;
  }();
  return known && options.dtype() == at::kFloat && options.device().is_cpu();
}

void attendInBlocks(const at::Tensor& query, std::span<const RowsOfSlot> parts, const at::Tensor& out) {
  const std::int64_t heads = query.size(1), queryStep = query.stride(0);
  const auto* row = query.const_data_ptr<float>();
  auto* written = out.data_ptr<float>();
  std::vector<Block> blocks;
  for (const RowsOfSlot& part : parts) {
    listBlocks(part, row + part.from * queryStep, queryStep, written, heads, blocks);
    row += part.rows * queryStep;
    written += (part.rows - part.from) * out.size(1);
  }
  // Blocks of one span have their shares taken together.
  std::ranges::stable_sort(blocks, {}, &Block::span);
  std::int64_t most = kNearScores;
  for (const Block& block : blocks) most = std::max(most, block.rows * block.span());
  const at::Tensor memory = at::empty({most}, out.options());
  for (auto first = blocks.begin(); first != blocks.end();) {
    std::int64_t rows = 0;
    auto last = first;
    for (; last != blocks.end() && last->span() == first->span() && (rows + last->rows) * last->span() <= most; ++last)
      rows += last->rows;
    run({first, last}, rows, memory);
    first = last;
  }
}

}  // namespace polar
