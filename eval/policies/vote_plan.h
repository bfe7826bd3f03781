// Which programs vote, in which order, and when the vote ends early.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "eval/policies/cascade_plan.h"
#include "eval/policies/vote.h"
#include "store/label_store.h"
#include "train/value_rule.h"

namespace polar {

// When a vote goes on: after its first run where that one's margin is in the lowest `tenths` of
// its margins, after others until the leader is as sure as `sure` (VoteCount::sureness).
struct VoteLimits {
  static constexpr int kAnyMargin = 11;  // of `tenths`: whatever the margin

  int tenths = 0;
  double sure = 1;

  bool goOn(int firstTenth, double sureness, std::size_t runs) const {
    return runs == 1 ? firstTenth < tenths : sureness < sure;
  }
};

struct VotePlan {
  std::vector<Program> voters;  // in the order in which they run, at least one
  VoteLimits limits;
  MarginRanks firstRanks = {};

  // Whether the next voter runs after these runs, the first of which had `firstMargin`.
  bool goesOn(float firstMargin, const VoteCount& count, std::size_t runs) const;
};

// The plan with the highest utility on the labelled questions: right answers minus `price` × total layer-tokens in
// units of the standard program's answer. Voters are taken greedily: first the program of the highest utility alone,
// then each time the one that brings most right answers to the vote of all so far per layer that it adds to their trie.
// Always the standard program where that brings no sure gain: measured out of fold (foldOf), as bestRule does.
struct ChosenVote {
  VotePlan plan;
  ChoiceRule rule;  // threshold unused
  double price = 0;

  std::string inWords() const;
};

// At most `votes` runs. InputError as menuTable.
ChosenVote chooseVote(const std::vector<ExampleLabels>& labels, int depth, int folds, int votes, bool boxOpen,
                      double price, const std::string& who);

}  // namespace polar
