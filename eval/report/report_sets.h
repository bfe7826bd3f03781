// What a report takes from the results of a set: summaries, tests,
// what was tuned, and what is known of the numbers' origin.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "eval/report/report.h"

namespace polar {

// Adds a set to the report: its summaries and tests, settings that no set before it named, remarks on its origin.
// The report's confidence must be set.
void addSet(Report& report, const SetResult& set);

// Lines for Report::facts: how many questions were run and left out, and which machines computed the set.
std::vector<std::pair<std::string, std::string>> setFacts(const SetResult& set);

}  // namespace polar
