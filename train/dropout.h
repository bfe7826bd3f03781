// Dropout with its own stream of random numbers. Internal: it brings <torch/torch.h>.
#pragma once

#include <torch/torch.h>

#include <cstdint>

#include "support/random.h"

namespace polar {

// Torch's own dropout draws from one generator of the whole process, so that two trainings at the same time would
// change each other; it also takes ten times as long. Not to be shared by threads.
class Dropout {
 public:
  Dropout() = default;  // leaves everything as it is
  Dropout(double share, std::uint64_t seed) : share_(share), random_(seed) {}

  // Each value becomes 0 with probability `share`; the others grow, so that the mean stays the same.
  at::Tensor operator()(const at::Tensor& values) {
    if (share_ == 0) return values;
    const at::Tensor mask = torch::empty(values.sizes());
    const auto bound = static_cast<std::uint32_t>(share_ * 4294967296.0);
    const float kept = static_cast<float>(1 / (1 - share_));
    float* const out = mask.data_ptr<float>();
    const std::int64_t count = mask.numel();
    // Each random number gives two values, one from each half.
    for (std::int64_t i = 0; i < count; i += 2) {
      const std::uint64_t drawn = random_.next();
      out[i] = static_cast<std::uint32_t>(drawn) < bound ? 0 : kept;
      if (i + 1 < count) out[i + 1] = static_cast<std::uint32_t>(drawn >> 32) < bound ? 0 : kept;
    }
    return values * mask;
  }

 private:
  double share_ = 0;
  Random random_{0};
};

}  // namespace polar
