// Whether predicted probabilities are what they say.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace polar {

struct CalibrationBin {
  double low = 0, high = 0;  // predictions from low up to below high (the last bin: up to 1)
  std::int64_t n = 0;
  double predicted = 0, observed = 0;  // means; 0 where n is 0
};

struct Calibration {
  std::vector<CalibrationBin> bins;
  double error = 0;  // expected calibration error: mean of |predicted − observed| over predictions (Naeini et al. 2015)
  double brier = 0;  // mean of (prediction − outcome)²
};

// right: 0 or 1, as many as predictions. Bins of equal width.
Calibration calibrate(std::span<const float> predictions, std::span<const float> right, int bins = 10);

}  // namespace polar
