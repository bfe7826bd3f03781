// How the learning rate changes from step to step.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace polar {

// Rises to `peak` in `warmup` steps, then falls along a cosine, which reaches 0 after the last step.
class Schedule {
 public:
  Schedule(double peak, std::int64_t steps, std::int64_t warmup = 0)
      : peak_(peak), steps_(steps), warmup_(std::min(warmup, steps - 1)) {}

  // step: from 0.
  double rate(std::int64_t step) const {
    if (step < warmup_) return peak_ * static_cast<double>(step + 1) / static_cast<double>(warmup_);
    const double progress = static_cast<double>(step - warmup_) / static_cast<double>(steps_ - warmup_);
    return peak_ * 0.5 * (1 + std::cos(std::numbers::pi * progress));
  }

 private:
  double peak_;
  std::int64_t steps_, warmup_;
};

}  // namespace polar
