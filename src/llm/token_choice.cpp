#include "llm/token_choice.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

namespace polar {
namespace {

// A CPU view of one row; `holder` keeps the memory.
std::span<const float> row(const at::Tensor& logits, at::Tensor& holder) {
  holder = logits.to(at::kCPU, at::kFloat).contiguous();
  return {holder.data_ptr<float>(), static_cast<std::size_t>(holder.numel())};
}

}  // namespace

TokenChoice TokenChooser::operator()(const at::Tensor& logits) {
  at::Tensor holder;
  const std::span<const float> values = row(logits, holder);
  TokenChoice choice;
  float first = -INFINITY, second = -INFINITY;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] > first) {
      second = first;
      first = values[i];
      choice.token = static_cast<std::int32_t>(i);
    } else if (values[i] > second) {
      second = values[i];
    }
  }
  choice.margin = first - second;
  if (temperature_ <= 0) return choice;

  std::vector<double> cumulative(values.size());
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i)
    cumulative[i] = sum += std::exp((static_cast<double>(values[i]) - first) / temperature_);
  const double drawn = random_.uniform() * sum;
  const auto found = std::upper_bound(cumulative.begin(), cumulative.end(), drawn);
  choice.token = static_cast<std::int32_t>(std::min(found, cumulative.end() - 1) - cumulative.begin());
  return choice;
}

double logProbability(const at::Tensor& logits, std::int32_t token) {
  at::Tensor holder;
  const std::span<const float> values = row(logits, holder);
  const double top = *std::max_element(values.begin(), values.end());
  double sum = 0;
  for (const float value : values) sum += std::exp(static_cast<double>(value) - top);
  return static_cast<double>(values[static_cast<std::size_t>(token)]) - top - std::log(sum);
}

}  // namespace polar
