// One answer of many.
#pragma once

#include <cstddef>
#include <vector>

#include "eval/policy.h"

namespace polar {

// Index of the answer that most of `ran` (not empty) give, equivalent ones counted together (gradeAnswer). Of equals: the
// one whose runs have the larger sum of margins, then the one that came first.
std::size_t mostVoted(const std::vector<Outcome>& ran);

}  // namespace polar
