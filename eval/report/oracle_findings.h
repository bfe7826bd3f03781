// What the oracle labels show: the paper's three findings, measured (Section 4; Table 1).
#pragma once

#include <vector>

#include "eval/report/report.h"
#include "store/label_store.h"

namespace polar {

// skip-only < loop-only < all, also at equal counts; right questions with a shorter right program; wrong ones rescued;
// beside the same count of temperature samples where the labels hold samples; the same per level where they hold
// levels. Shares are of questions, with Wilson intervals; an undecided verdict counts as not right. Programs of origin
// "sample" are no programs of the search. Empty for no labels.
std::vector<Report::Finding> oracleFindings(const std::vector<ExampleLabels>& labels, int depth, double confidence);

}  // namespace polar
