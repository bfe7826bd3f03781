// Every way of attention against libtorch's own, and against itself cut into other passes.
#include "llm/attention.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "catch.h"
#include "llm/self_check.h"

using namespace polar;

namespace {

ModelConfig shape(int heads, int kvHeads, int headSize) {
  ModelConfig config;
  config.heads = heads;
  config.kvHeads = kvHeads;
  config.headSize = headSize;
  return config;
}

const std::vector<ModelConfig> kShapes{shape(9, 3, 64), shape(4, 4, 16), shape(8, 1, 32), shape(14, 2, 128),
                                       shape(3, 3, 24)};

// In bf16 too, and on a GPU where there is one.
template <typename Test>
void forEachWay(Test test) {
  std::vector<at::TensorOptions> places;
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
    places.push_back(at::TensorOptions().dtype(type));
    if (at::hasCUDA()) places.push_back(places.back().device(at::kCUDA));
  }
  for (const at::TensorOptions& options : places)
    for (const AttentionWay& way : attentionWays())
      for (const ModelConfig& config : kShapes)
        if (way.available(config, options)) {
          CAPTURE(way.name, config.heads, config.headSize, options.dtype().name(), options.device().str());
          test(way, config, options);
        }
}

// What every way promises; tiles on a GPU or in bf16 only where the self-check says so.
bool mustBeInvariant(const AttentionWay& way, const at::TensorOptions& options) {
  return (options.device().is_cpu() && options.dtype() == at::kFloat) || way.attend != attendInTiles;
}

at::Tensor noise(int tokens, int heads, int size, const at::TensorOptions& options) {
  return at::randn({tokens, heads, size}, options.dtype(at::kFloat)).to(options.dtype());
}

// What a slot of its own gives: `tokens` appended, and the last rows asked for.
struct Sequence {
  Sequence(const ModelConfig& config, const at::TensorOptions& options, int tokens, int last, int from)
      : slot(config, tokens, options), keys(noise(tokens, config.kvHeads, config.headSize, options)),
        values(noise(tokens, config.kvHeads, config.headSize, options)),
        query(noise(last, config.heads, config.headSize, options).div_(std::sqrt(config.headSize))),
        rows{&slot, last, from} {
    slot.append(keys, values);
  }
  Sequence(const Sequence&) = delete;

  // libtorch's scaled_dot_product_attention of the slot's keys and these values, in fp64, the mask written out.
  at::Tensor expected(const at::Tensor& of) const {
    const std::int64_t all = keys.size(0), first = all - query.size(0);
    const at::Tensor seen = at::arange(all).unsqueeze(0) <= at::arange(first, all).unsqueeze(1);
    const auto heads = [](const at::Tensor& x) { return x.to(at::kCPU, at::kDouble).transpose(0, 1).unsqueeze(0); };
    const at::Tensor mixed = at::scaled_dot_product_attention(heads(query), heads(keys), heads(of), seen, 0.0, false,
                                                              /*scale=*/1.0, /*enable_gqa=*/true);
    return mixed[0].transpose(0, 1).flatten(1).slice(0, rows.from);
  }

  KvSlot slot;
  at::Tensor keys, values, query;
  RowsOfSlot rows;
};

at::Tensor attended(const AttentionWay& way, std::vector<Sequence*> sequences) {
  std::vector<at::Tensor> queries;
  std::vector<RowsOfSlot> parts;
  std::int64_t wanted = 0;
  for (Sequence* one : sequences) {
    queries.push_back(one->query);
    parts.push_back(one->rows);
    wanted += one->rows.rows - one->rows.from;
  }
  const at::Tensor query = at::cat(queries),
                   out = at::full({wanted, query.size(1) * query.size(2)}, NAN, query.options());
  way.attend(query, parts, out);
  return out;
}

}  // namespace

// An element is a sum of shares times values. Each of its roundings (of a score, a share, a product, a sum over a
// tile) is a part of Σ share · |value|, however much of that sum cancels: so the error is given in units of it.
TEST_CASE("attention is libtorch's", "[llm]") {
  at::manual_seed(3);
  forEachWay([](const AttentionWay& way, const ModelConfig& config, const at::TensorOptions& options) {
    // Measured: up to 20 roundings of fp32, where a score is a sum of 128 products of its type, and 4 of bf16's.
    const double bound = options.dtype() == at::kFloat ? 32 * 0x1p-24 : 16 * 0x1p-9;
    for (const auto& [tokens, last, from] : std::vector<std::array<int, 3>>{{1, 1, 0},
                                                                            {64, 1, 0},
                                                                            {65, 1, 0},
                                                                            {130, 130, 0},
                                                                            {130, 2, 0},
                                                                            {200, 70, 69},
                                                                            {200, 100, 31},
                                                                            {700, 300, 0}}) {
      Sequence one(config, options, tokens, last, from);
      CAPTURE(tokens, last, from);
      const at::Tensor error = attended(way, {&one}).to(at::kCPU, at::kDouble).sub_(one.expected(one.values)).abs_();
      CHECK(error.sub_(one.expected(one.values.abs()), bound).max().item<double>() < 0);
    }
  });
}

TEST_CASE("attention of sequences beside each other is that of each alone, bit for bit", "[llm]") {
  at::manual_seed(4);
  forEachWay([](const AttentionWay& way, const ModelConfig& config, const at::TensorOptions& options) {
    if (!mustBeInvariant(way, options)) return;
    Sequence a(config, options, 90, 1, 0), b(config, options, 300, 120, 0), c(config, options, 40, 1, 0),
        d(config, options, 64, 1, 0), e(config, options, 70, 9, 8);
    std::vector<at::Tensor> alone;
    for (Sequence* one : {&a, &b, &c, &d, &e}) alone.push_back(attended(way, {one}));
    CHECK(at::equal(attended(way, {&a, &b, &c, &d, &e}), at::cat(alone)));
  });
}

TEST_CASE("attention does not depend on how tokens are cut into passes", "[llm]") {
  forEachWay([](const AttentionWay& way, const ModelConfig& config, const at::TensorOptions& options) {
    if (mustBeInvariant(way, options)) CHECK(attentionIsInvariant(way.attend, config, options));
  });
}

// The self-check must be able to say no: libtorch's own attention, for which src/README.md says what differs.
TEST_CASE("the self-check finds an attention whose rows depend on their company", "[llm]") {
  const Attend stock = [](const at::Tensor& query, std::span<const RowsOfSlot> parts, const at::Tensor& out) {
    const KvSlot& slot = *parts.front().slot;
    const std::int64_t length = slot.length(), rows = query.size(0);
    const at::Tensor scores = at::matmul(query.transpose(0, 1), slot.keys().narrow(2, 0, length));
    const at::Tensor later = at::arange(length).unsqueeze(0) > at::arange(length - rows, length).unsqueeze(1);
    const at::Tensor shares = at::softmax(scores.masked_fill(later, -INFINITY), -1);
    out.copy_(at::matmul(shares, slot.values().narrow(1, 0, length)).transpose(0, 1).flatten(1));
  };
  CHECK_FALSE(attentionIsInvariant(stock, shape(4, 4, 64), at::kFloat));
}

TEST_CASE("blocks are for fp32 on a CPU", "[llm]") {
  CHECK_FALSE(canAttendInBlocks(kShapes.front(), at::TensorOptions().dtype(at::kBFloat16)));
  CHECK_FALSE(canAttendInBlocks(kShapes.front(), at::TensorOptions().dtype(at::kFloat).device(at::kMeta)));
}
