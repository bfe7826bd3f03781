// labels.log.jsonl beside a search's labels: what the strategy did on each question and where the time went. For
// studies; nothing of it enters labels, and no stage reads it.
//
// One JSON object a line:
//   {"start": {"machine", "libtorch", "command", "time"}}             before the first question of each call
//   {"question": ID, "statistics": {…}, "seconds": …}                 SearchStatistics
//   {"call": {"questions", "evaluations", "reused", "workers",        at the end of each call that is not killed
//             "seconds", "executor_seconds", "writing_seconds", "overhead"}}
// A question's line is written before its labels are committed: after a kill it may be there twice; the last one
// counts. executor_seconds are those of all workers; overhead = 1 − executor_seconds / (seconds · workers).
#pragma once

#include <filesystem>

#include "search/oracle_search.h"
#include "support/appended_lines.h"
#include "support/origin.h"

namespace polar {

struct SearchCosts {
  int workers = 1;
  double executorSeconds = 0;
  std::int64_t reused = 0;  // evaluations taken over from other label files
};

double overheadOf(const SearchSummary& summary, const SearchCosts& costs);

class SearchLog {
 public:
  // Appends to `file`, made if absent. InputError where it cannot be written.
  SearchLog(const std::filesystem::path& file, Origin origin) : lines_(file), origin_(std::move(origin)) {}

  void question(const SearchedExample& searched);
  void call(const SearchSummary& summary, const SearchCosts& costs);

 private:
  AppendedLines lines_;
  Origin origin_;
  bool started_ = false;
};

}  // namespace polar
