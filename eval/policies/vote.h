// One answer of many.
#pragma once

#include <cstddef>
#include <vector>

#include "eval/policy.h"

namespace polar {

// Index of the answer that most of `ran` (not empty) give to `example`. Answers are found as the grader
// finds them, the box open where the prompt's template leaves it open, and equivalent ones count together
// (gradeAnswer); to a question with options an answer is the letter of one of them. A run without an
// answer abstains; where all do, the first is kept. Of equals: the answer whose runs have the larger sum
// of margins, then the one that came first. The reference answer is not looked at.
std::size_t mostVoted(const Example& example, bool boxOpen, const std::vector<Outcome>& ran);

}  // namespace polar
