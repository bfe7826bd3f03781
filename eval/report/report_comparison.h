// Two or more runs side by side: what was set differently, and paired tests on the questions that both answered.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "eval/report/report.h"
#include "eval/report/table.h"

namespace polar {

struct ComparedRun {
  std::string name;                         // distinct among the runs compared
  std::map<std::string, std::string> keys;  // of the resolved config: "search.budget" → "200"
  std::vector<SetResult> sets;
};

// Every run after the first is compared with the first.
struct RunComparison {
  std::string title;
  double confidence = 0.95;
  std::vector<std::string> runs;
  Table keys;  // those that differ; a column a run
  // A line a set, policy and run: both shares, the paired difference, McNemar's exact p, alone and corrected by Holm's
  // method for all lines (but those of policies that use the answer), layer-tokens, executed layers.
  Table pairs;
  std::vector<std::string> remarks;  // what cannot be paired, and why
};

// A set is paired by its name and by whether it is in distribution, a policy by name and seed, questions by id.
// std::logic_error with fewer than two runs.
RunComparison compareRuns(const std::vector<ComparedRun>& runs, double confidence);

// Differing keys, pairs and remarks as one markdown text.
std::string markdownComparison(const RunComparison& comparison);

// index.html, table.md, table.tex, table.csv, results.json and run_differences.vl.json.
void writeComparison(const std::filesystem::path& folder, const RunComparison& comparison);

}  // namespace polar
