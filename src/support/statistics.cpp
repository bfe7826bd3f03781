#include "support/statistics.h"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numbers>
#include <numeric>
#include <stdexcept>

#include "support/random.h"

namespace polar {
namespace {

// Linear interpolation between order statistics, as numpy.percentile does by default.
double quantile(const std::vector<double>& sorted, double share) {
  const double position = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (position - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

double upperTail(double confidence) {
  if (!(confidence > 0 && confidence < 1)) throw std::logic_error("confidence outside (0, 1)");
  return (1 + confidence) / 2;
}

}  // namespace

double normalQuantile(double p) {
  if (!(p >= 0 && p <= 1)) throw std::logic_error("normalQuantile outside [0, 1]");
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p == 0) return -std::numeric_limits<double>::infinity();
  if (p == 0.5) return 0;
  // Newton on log Φ, which is concave: from the left it climbs to the root and never passes it. Φ(-t) ≤ exp(-t²/2)/2
  // puts the start on the left.
  double x = -std::sqrt(-2 * std::log(p));
  for (int step = 0; step < 60; ++step) {
    const double cumulative = std::erfc(-x / std::numbers::sqrt2) / 2;
    const double density = std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi);
    const double climb = std::log(p / cumulative) * cumulative / density;
    x += climb;
    if (climb <= 1e-15 * std::abs(x)) break;
  }
  return x;
}

Interval wilson(std::int64_t successes, std::int64_t n, double confidence) {
  const double z = normalQuantile(upperTail(confidence));
  if (successes < 0 || successes > n) throw std::logic_error("wilson: successes outside [0, n]");
  if (n == 0) return {0, 1};
  const double count = static_cast<double>(n);
  const double share = static_cast<double>(successes) / count;
  const double scale = 1 + z * z / count;
  const double centre = (share + z * z / (2 * count)) / scale;
  const double half = z / scale * std::sqrt(share * (1 - share) / count + z * z / (4 * count * count));
  // At the ends the bound is 0 or 1 exactly; the subtraction would leave rounding dust.
  return {successes == 0 ? 0 : centre - half, successes == n ? 1 : centre + half};
}

double fairTail(std::int64_t k, std::int64_t n) {
  if (k < 0) return 0;
  if (2 * k >= n) return 1 - fairTail(n - k - 1, n);
  // The largest term by its logarithm, the rest by their ratios to it.
  double logTerm = -static_cast<double>(n) * std::numbers::ln2;
  for (std::int64_t i = 0; i < k; ++i)
    logTerm += std::log(static_cast<double>(n - i)) - std::log(static_cast<double>(i + 1));
  double sum = 0, ratio = 1;
  for (std::int64_t i = k; i >= 0; --i) {
    sum += ratio;
    ratio *= static_cast<double>(i) / static_cast<double>(n - i + 1);
  }
  return std::exp(logTerm) * sum;
}

double mcnemarExact(std::int64_t b, std::int64_t c) {
  if (b < 0 || c < 0) throw std::logic_error("mcnemarExact: negative count");
  return b == c ? 1 : std::min(1.0, 2 * fairTail(std::min(b, c), b + c));
}

double signFlipExact(std::span<const int> differences) {
  std::vector<std::size_t> sizes;  // of the differences that are not 0; a sign there changes nothing
  std::int64_t found = 0;
  for (const int difference : differences) {
    found += difference;
    if (difference != 0) sizes.push_back(static_cast<std::size_t>(std::abs(difference)));
  }
  // The distribution of the sum of those that keep a plus: with all sizes together, that of the sum of all.
  std::vector<double> plus = {1};
  for (const std::size_t size : sizes) {
    std::vector<double> next(plus.size() + size);
    for (std::size_t sum = 0; sum < plus.size(); ++sum) {
      next[sum] += plus[sum] / 2;
      next[sum + size] += plus[sum] / 2;
    }
    plus = std::move(next);
  }
  const auto all = static_cast<std::int64_t>(plus.size()) - 1;
  double p = 0;
  for (std::int64_t sum = 0; sum <= all; ++sum)
    if (std::abs(2 * sum - all) >= std::abs(found)) p += plus[static_cast<std::size_t>(sum)];
  return std::min(1.0, p);
}

std::vector<double> holm(std::span<const double> p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> corrected(p.size());
  double most = 0;  // a larger p never becomes the smaller one
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    most = std::max(most, static_cast<double>(p.size() - rank) * p[order[rank]]);
    corrected[order[rank]] = std::min(1.0, most);
  }
  return corrected;
}

Interval pairedDifference(const PairedCounts& pairs, double confidence) {
  if (pairs.all() == 0) return {-1, 1};
  const auto number = [](std::int64_t count) { return static_cast<double>(count); };
  const double n = number(pairs.all()), both = number(pairs.both), neither = number(pairs.neither);
  const double onlyA = number(pairs.onlyA), onlyB = number(pairs.onlyB);
  const double a = (both + onlyA) / n, b = (both + onlyB) / n;
  const Interval limitsA = wilson(pairs.both + pairs.onlyA, pairs.all(), confidence);
  const Interval limitsB = wilson(pairs.both + pairs.onlyB, pairs.all(), confidence);
  const double margins = (both + onlyA) * (onlyB + neither) * (both + onlyB) * (onlyA + neither);
  const double excess = both * neither - onlyA * onlyB;
  const double corrected = excess > 0 ? std::max(0.0, excess - n / 2) : excess;
  const double correlation = margins > 0 ? corrected / std::sqrt(margins) : 0;
  const auto join = [&](double one, double other) {
    return std::sqrt(std::max(0.0, one * one - 2 * correlation * one * other + other * other));
  };
  return {a - b - join(a - limitsA.low, limitsB.high - b), a - b + join(limitsA.high - a, b - limitsB.low)};
}

Interval bootstrapMean(const std::vector<double>& values, std::uint64_t seed, int resamples, double confidence) {
  const double upper = upperTail(confidence);
  if (values.empty() || resamples < 1) throw std::logic_error("bootstrapMean: nothing to resample");
  // A stream a resample, so that the result does not depend on which thread draws it.
  Random seeds(seed);
  std::vector<std::uint64_t> streams(static_cast<std::size_t>(resamples));
  for (std::uint64_t& stream : streams) stream = seeds.next();
  std::vector<double> means(streams.size());
  tbb::parallel_for(std::size_t{0}, streams.size(), [&](std::size_t i) {
    Random random(streams[i]);
    double sum = 0;
    for (std::size_t drawn = 0; drawn < values.size(); ++drawn) sum += values[random.below(values.size())];
    means[i] = sum / static_cast<double>(values.size());
  });
  std::sort(means.begin(), means.end());
  return {quantile(means, 1 - upper), quantile(means, upper)};
}

}  // namespace polar
