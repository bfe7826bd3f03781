// A product with a fixed weight: packed once for the CPU's kernels, with rows padded or
// cut into tiles so that the result of a row does not depend on the rows beside it.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace polar {

// One intra-op thread for products made by the calling thread. To be called by every worker: OpenMP
// keeps the number for each thread, so that what was set on the main thread does not hold on others.
void useOneThread();

// What a machine's kernels ask for, so that every row of a product has the same bits whatever is beside it
// (measured by the self-check, src/llm/self_check.h).
struct RowRule {
  int least = 0;           // any row count from here up is safe; 0 = none found
  std::vector<int> tiles;  // where it is 0: passes of exactly these row counts, ascending, agree with each other
  bool safe() const { return least > 0 || !tiles.empty(); }
  bool operator==(const RowRule&) const = default;
};

// The tiles that hold `rows` rows, one after the other: the largest that is full, and the smallest for what is left.
std::vector<int> tilesFor(std::int64_t rows, std::span<const int> tiles);

// Fewer rows than this take other GEMM kernels, whose last bits differ (measured: see src/README.md,
// "Same bits"); every pass is padded to it. The self-check measures whether it holds on a machine.
inline constexpr int kSafeRows = 4;

// x with zero rows after it, so that it has at least kSafeRows.
at::Tensor padRows(const at::Tensor& x);

// The same for a whole pass through a layer or the output projection.
at::Tensor padPass(const at::Tensor& x);

class Linear {
 public:
  Linear() = default;
  // weight: [outer, inner]; bias: [outer], or undefined. Where oneDNN is at hand the weight is kept packed for it, and
  // only so: on AVX-512 its products ran at 2.3 times the rate of at::linear's (src/README.md, "Speed").
  explicit Linear(const at::Tensor& weight, at::Tensor bias = {});

  // x [rows, inner] → x Wᵀ + b, [rows, outer]. Rows are padded, or cut into tiles, as the rule says.
  at::Tensor operator()(const at::Tensor& x) const { return run(x, Then::nothing, {}); }
  // What follows a product in a decoder layer, made by the same kernel: silu(x Wᵀ + b), and the product times or plus
  // another tensor of its shape.
  at::Tensor silu(const at::Tensor& x) const { return run(x, Then::silu, {}); }
  at::Tensor times(const at::Tensor& x, const at::Tensor& factor) const { return run(x, Then::times, factor); }
  at::Tensor plus(const at::Tensor& x, const at::Tensor& term) const { return run(x, Then::plus, term); }

  enum class Then { nothing, silu, times, plus };
  // One call of the kernel, whatever the rule: what the self-check measures. `other`: for times and plus.
  at::Tensor product(const at::Tensor& x, Then then = Then::nothing, const at::Tensor& other = {}) const;

  void setRule(RowRule rule) { rule_ = std::move(rule); }
  const RowRule& rule() const { return rule_; }
  bool defined() const { return weight_.defined(); }
  std::int64_t inner() const { return inner_; }
  std::int64_t outer() const { return outer_; }
  // Type and device of the rows it takes.
  const at::TensorOptions& options() const { return options_; }

 private:
  at::Tensor run(const at::Tensor& x, Then then, const at::Tensor& other) const;

  at::Tensor weight_, bias_;
  at::TensorOptions options_;
  std::int64_t inner_ = 0, outer_ = 0;
  bool packed_ = false;
  RowRule rule_;
};

// Every product of a part of the model with its name ("gate, up"), for the self-check to set its rule.
using UseProduct = std::function<void(const std::string& name, Linear& product)>;

}  // namespace polar
