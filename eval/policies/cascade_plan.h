// Which two programs a cascade runs, and when the second.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "eval/policies/paired_gain.h"
#include "store/label_store.h"

namespace polar {

// Margins of different programs have different scales, so a margin is taken as
// its rank among those that the same program has on the labelled questions.
class MarginRanks {
 public:
  MarginRanks() = default;
  explicit MarginRanks(std::vector<float> margins);
  // Twice how many are below, and once how many are equal: 0 … 2n.
  std::int64_t rank(float margin) const;
  // The same as a share: 0 below all, 1 above all; ½ where there are none.
  double share(float margin) const;
  // The tenth it lies in: 0 … 9, 10 above all.
  int tenth(float margin) const;

 private:
  std::vector<float> sorted_;
};

// The second program is run where the first one's margin lies in the lowest `tenths` of its margins; of the two answers
// the one with the higher rank is kept, the first of equals.
struct CascadePlan {
  Program first, second;
  int tenths = 0;  // 0: the first alone
  MarginRanks firstRanks, secondRanks;

  bool asksSecond(float margin) const { return firstRanks.tenth(margin) < tenths; }
  bool keepsSecond(float margin, float secondMargin) const {
    return secondRanks.rank(secondMargin) > firstRanks.rank(margin);
  }
};

// The plan that a policy uses: the one that answers most of the labelled questions, of all over the 64 programs
// that answer most by themselves; the standard program alone where choosing so brings no sure gain. That is
// measured on parts of the questions, `folds` of them, cut by question hash: for each, the best plan of the
// others, with their ranks, against the standard program (PairedGain::isSure over all parts).
struct ChosenCascade {
  CascadePlan plan;
  bool isStandard = false;  // the standard program alone
  std::size_t questions = 0;
  int folds = 0;
  PairedGain gain;  // out of fold

  std::string inWords() const;
};

// InputError where no program but the standard one was run on every question.
ChosenCascade chooseCascade(const std::vector<ExampleLabels>& labels, int depth, int folds);

}  // namespace polar
