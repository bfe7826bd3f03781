// What the oracle labels show: the paper's three findings, measured (Section 4; Table 1).
#pragma once

#include <vector>

#include "eval/evaluation_table.h"
#include "store/label_store.h"

namespace polar {

// skip-only < loop-only < both; right questions with a shorter valid program; wrong ones rescued; beside the same count
// of temperature samples where the labels hold samples.
std::vector<Report::Finding> oracleFindings(const std::vector<ExampleLabels>& labels, int depth, double confidence);

}  // namespace polar
