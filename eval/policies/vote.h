// One answer of many.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "eval/policy.h"

namespace polar {

// The answer that a run gives, as the grader finds it; to a question with options the letter of one of them.
// Empty: none. boxOpen: where the prompt's template leaves the box open. The reference answer is not looked at.
std::string answerIn(const std::string& text, const Example& example, bool boxOpen);

// Runs that give the same answer are a party. The party of each of `answers` (answerIn), numbered in order of first
// appearance; -1 where a run gives none. Equivalent answers (gradeAnswer) are the same.
std::vector<int> partiesOf(std::span<const std::string> answers);

struct VoteCount {
  std::size_t leader = 0;      // a run of the leading party: its first
  int votes = 0, against = 0;  // of the leading party and of the next one

  // Probability that the leading party is the larger one of the two for good, were there no end of runs: each run is a
  // fair draw from them, the prior of its share uniform (Beta; Adaptive-Consistency, Aggarwal et al. 2023, section 3).
  double sureness() const;
};

// Counts votes of runs with `parties` and `margins`, equally many (at least one). A run without an answer abstains;
// where all do, the first leads. Of equals: the party whose runs have the larger sum of margins, then the one that came
// first.
VoteCount countVotes(std::span<const int> parties, std::span<const float> margins);

// Both for what was run (not empty).
VoteCount countVotes(const Example& example, bool boxOpen, const std::vector<Outcome>& ran);

}  // namespace polar
