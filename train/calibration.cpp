#include "train/calibration.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace polar {

Calibration calibrate(std::span<const float> predictions, std::span<const float> right, int bins) {
  if (predictions.size() != right.size() || bins < 1) throw std::logic_error("calibrate: one outcome a prediction");
  Calibration result;
  for (int i = 0; i < bins; ++i)
    result.bins.push_back({static_cast<double>(i) / bins, static_cast<double>(i + 1) / bins, 0, 0, 0});
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    const double p = predictions[i], difference = p - right[i];
    CalibrationBin& bin = result.bins[static_cast<std::size_t>(std::clamp(static_cast<int>(p * bins), 0, bins - 1))];
    ++bin.n;
    bin.predicted += p;
    bin.observed += right[i];
    result.brier += difference * difference;
  }
  const auto n = static_cast<double>(std::max<std::size_t>(1, predictions.size()));
  for (CalibrationBin& bin : result.bins) {
    result.error += std::abs(bin.predicted - bin.observed) / n;
    if (bin.n == 0) continue;
    bin.predicted /= static_cast<double>(bin.n);
    bin.observed /= static_cast<double>(bin.n);
  }
  result.brier /= n;
  return result;
}

}  // namespace polar
