#include "train/paired_gain.h"

#include <cmath>

namespace polar {

double PairedGain::sureness() const {
  const double n = static_cast<double>(won + lost);
  double asGood = 0;  // P(at least `won` of n | a fair coin)
  for (std::int64_t i = won; i <= won + lost; ++i) {
    const double k = static_cast<double>(i);
    asGood += std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) - n * std::log(2.0));
  }
  return 1 - asGood;
}

}  // namespace polar
