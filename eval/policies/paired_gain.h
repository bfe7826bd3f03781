// Whether a rule that was tuned is better than what it would replace, by questions that it was not tuned on.
#pragma once

#include <cstdint>

namespace polar {

// Of the questions that only one of two methods answers, those won and lost by the first.
struct PairedGain {
  std::int64_t won = 0, lost = 0;

  void add(bool first, bool second) { won += first && !second ? 1 : 0, lost += second && !first ? 1 : 0; }

  // One minus the p-value of the exact one-sided sign test (McNemar's): how surely the first gains anything. 0 where no
  // question distinguishes the two.
  double sureness() const;
  // What a tuned rule must reach to be used in place of the standard program.
  static constexpr double kSure = 0.9;
  bool isSure() const { return sureness() >= kSure; }
};

}  // namespace polar
