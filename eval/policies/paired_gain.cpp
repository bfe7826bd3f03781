#include "eval/policies/paired_gain.h"

#include "support/statistics.h"

namespace polar {

// P(at least `won` of all | a fair coin) is P(at most `lost`).
double PairedGain::sureness() const { return 1 - fairTail(lost, won + lost); }

}  // namespace polar
