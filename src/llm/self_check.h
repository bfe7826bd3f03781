// The numeric self-check: does this machine compute a row the same way whatever stands beside it?
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace polar {

class LanguageModel;

struct SelfCheck {
  struct Linear {
    std::string name;             // "gate", "logits"
    std::int64_t inner = 0, outer = 0;
    int safeRows = 0;             // least M from which every row is bit-identical up to 64 rows; 0 = none up to 16
  };
  std::vector<Linear> linears;
  // One layer over 150 tokens: at once, in chunks, and token by token give the same bits.
  bool layerInvariant = false;
  // Every linear is safe from kSafeRows on, and the layer is invariant: results do not depend on batching.
  bool holds() const;
};

SelfCheck numericSelfCheck(const LanguageModel& model);

}  // namespace polar
