#include "llm/linear.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include <algorithm>
#include <iterator>
#include <numeric>
#include <optional>
#include <vector>

namespace polar {
namespace {

// oneDNN's product as torch registers it for its own compiler: a packed weight, and no row count fixed beforehand.
using Pack = at::Tensor(const at::Tensor&, std::optional<c10::SymInt>);
using Product = at::Tensor(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&, c10::string_view,
                           c10::List<std::optional<at::Scalar>>, std::optional<c10::string_view>);

using ProductWith = at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&,
                               const std::optional<at::Tensor>&, c10::string_view);

template <typename Signature>
std::optional<c10::TypedOperatorHandle<Signature>> operatorNamed(const char* name, const char* overload = "") {
  const auto handle = c10::Dispatcher::singleton().findSchema({name, overload});
  if (!handle) return std::nullopt;
  return handle->typed<Signature>();
}

bool hasProducts(const at::Tensor& weight) {
  static const bool known = operatorNamed<Product>("mkldnn::_linear_pointwise") &&
                            operatorNamed<ProductWith>("mkldnn::_linear_pointwise", "binary");
  return known && weight.is_cpu() && at::globalContext().userEnabledMkldnn();
}

at::Tensor callProduct(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias,
                       const char* then) {
  static const auto product = *operatorNamed<Product>("mkldnn::_linear_pointwise");
  return product.call(x, weight, bias, then, c10::List<std::optional<at::Scalar>>(), "");
}

// Packed for 64 rows; undefined where this build or processor cannot (bf16 without the instructions for it).
at::Tensor pack(const at::Tensor& weight) {
  static const auto packing = operatorNamed<Pack>("mkldnn::_reorder_linear_weight");
  if (!packing || !hasProducts(weight)) return {};
  try {
    return packing->call(weight.contiguous(), c10::SymInt(64));
  } catch (const c10::Error&) {
    return {};
  }
}

// The values at a tensor's end that fill no vector take a scalar path with another exp, and which they are depends on
// the number of rows: so rows are widened to whole vectors. Widths of published models are whole vectors already.
at::Tensor siluRows(const at::Tensor& x) {
  constexpr std::int64_t kVector = 64;
  const std::int64_t width = x.size(-1), missing = (kVector - width % kVector) % kVector;
  if (missing == 0) return at::silu(x);
  return at::silu(at::constant_pad_nd(x, {0, missing})).narrow(-1, 0, width).contiguous();
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

std::vector<int> tilesFor(std::int64_t rows, std::span<const int> tiles) {
  std::vector<int> chosen;
  for (std::int64_t left = rows; left > 0 && !tiles.empty(); left -= chosen.back()) {
    const auto larger = std::ranges::upper_bound(tiles, left);
    chosen.push_back(larger == tiles.begin() ? *larger : *std::prev(larger));
  }
  return chosen;
}

void useOneThread() { at::set_num_threads(1); }

Linear::Linear(const at::Tensor& weight, at::Tensor bias)
    : weight_(pack(weight)), bias_(std::move(bias)), options_(weight.options()), inner_(weight.size(1)),
      outer_(weight.size(0)), packed_(weight_.defined()) {
  if (!packed_) weight_ = weight;
}

at::Tensor Linear::product(const at::Tensor& x, Then then, const at::Tensor& other) const {
  const std::optional<at::Tensor> bias = bias_.defined() ? std::optional(bias_) : std::nullopt;
  if (packed_ && (then == Then::nothing || then == Then::silu))
    return callProduct(x.contiguous(), weight_, bias, then == Then::silu ? "swish" : "none");
  if (packed_) {
    static const auto product = *operatorNamed<ProductWith>("mkldnn::_linear_pointwise", "binary");
    return product.call(x.contiguous(), other.contiguous(), weight_, bias, then == Then::times ? "mul" : "add");
  }
  at::Tensor out = at::linear(x, weight_, bias_);
  switch (then) {
    case Then::silu:
      return siluRows(out);
    case Then::times:
      return out.mul_(other);
    case Then::plus:
      return out.add_(other);
    case Then::nothing:
      break;
  }
  return out;
}

at::Tensor Linear::run(const at::Tensor& x, Then then, const at::Tensor& other) const {
  const std::int64_t rows = x.size(0);
  const std::vector<int> tiles = tilesFor(rows, rule_.tiles);
  const std::int64_t wanted = std::max<std::int64_t>(
      tiles.empty() ? rows : std::accumulate(tiles.begin(), tiles.end(), std::int64_t{0}), rule_.least);
  const auto padded = [&](const at::Tensor& values) {
    return values.defined() && wanted > rows ? at::constant_pad_nd(values, {0, 0, 0, wanted - rows}) : values;
  };
  const at::Tensor in = padded(x), with = padded(other);
  if (tiles.size() < 2) return product(in, then, with).narrow(0, 0, rows);
  std::vector<at::Tensor> parts;
  std::int64_t from = 0;
  for (const int tile : tiles) {
    parts.push_back(product(in.narrow(0, from, tile), then, with.defined() ? with.narrow(0, from, tile) : with));
    from += tile;
  }
  return at::cat(parts).narrow(0, 0, rows);
}

}  // namespace polar
