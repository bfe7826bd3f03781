// A finished report's contents; and writing them: index.html (self-contained, opens offline),
// table.md, table.tex, table.csv, results.json, and each figure as FIGURE.vl.json.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "eval/evaluation_table.h"
#include "eval/report/label_statistics.h"
#include "eval/report/pooled_summary.h"

namespace polar {

// What was tuned on labels.
struct TunedSetting {
  std::string policy, settings;
  auto operator<=>(const TunedSetting&) const = default;
};

struct Report {
  std::string title, description;
  bool partial = false;
  std::string partialReason;
  double confidence = 0.95;
  std::string configYaml;
  std::vector<std::pair<std::string, std::string>> facts;  // "model" → "…", shown as a list
  std::vector<Summary> summaries;
  std::vector<PooledSummary> pooled;     // from the same sets
  std::optional<PooledSummary> primary;  // of all sets together, where the config names one
  std::vector<TunedSetting> tuned;       // each once
  std::vector<std::string> remarks;      // what a reader must know beside the notes that every report has
  // Findings from the oracle labels (the paper's Section 4), one per row.
  struct Finding {
    std::string question, measured, paper;
  };
  std::vector<Finding> findings;
  std::vector<LabelStatistics> labels;  // one a labelled split
};

void writeReport(const std::filesystem::path& folder, const Report& report);

// The markdown table alone, as `polar run` prints it at the end.
std::string markdownTable(const Report& report);

}  // namespace polar
