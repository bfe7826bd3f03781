// Seeds of a policy pooled, and the tests of a set corrected for their number.
#pragma once

#include <vector>

#include "eval/evaluation_table.h"

namespace polar {

// One for each policy and price of the set, in the order of their first seeds. `summaries`: summarise(set, confidence).
// Seeds answer the same questions, so a question is one observation, with as many answers as there are seeds.
std::vector<PooledSummary> poolSeeds(const SetResult& set, const std::vector<Summary>& summaries, double confidence);

}  // namespace polar
