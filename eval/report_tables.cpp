#include "eval/report_tables.h"

#include <algorithm>

#include "eval/number_text.h"

namespace polar {
namespace {

const std::string kNone = "–";

std::string count(std::int64_t value) { return std::to_string(value); }

// A policy of one program has no pass@k; fewer than k programs are all it has to offer, and count as such.
std::string passAtMost(const Summary& summary, std::size_t k) {
  if (summary.passAt.size() < 2) return kNone;
  return percent(summary.passAt[std::min(k, summary.passAt.size()) - 1]);
}

std::vector<Column> accuracyColumns(const Report& report) {
  std::vector<Column> columns = {
      {"set", "Set"}, {"policy", "Policy"}, {"n", "n", true}, {"right", "Right", true},
      {"pass_at_1_percent", "pass@1 %", true},
      {"pass_at_1_interval", confidenceText(report.confidence) + " interval", true},
      {"difference_points", "Δ points", true}, {"mcnemar_p", "McNemar p", true},
      {"executed_layers", "Executed layers", true}, {"unique_layers", "Unique layers", true}};
  if (const std::size_t k = mostRanked(report); k > 1)
    columns.push_back({"pass_at_" + count(static_cast<std::int64_t>(k)) + "_percent",
                       "pass@" + count(static_cast<std::int64_t>(k)) + " %", true});
  return columns;
}

std::vector<std::string> accuracyCells(const Summary& summary, std::size_t k) {
  std::vector<std::string> cells = {setLabel(summary), policyLabel(summary), count(summary.n), count(summary.right),
                                    percent(summary.accuracy), percentInterval(summary.interval),
                                    summary.paired ? points(summary.difference) : kNone,
                                    summary.paired ? pValue(summary.mcnemarP) : kNone,
                                    fixed(summary.executed, 2), fixed(summary.unique, 2)};
  if (k > 1) cells.push_back(passAtMost(summary, k));
  return cells;
}

const std::vector<Column> kChoiceColumns = {
    {"standard_first_percent", "Standard first %", true},
    {"distinct_first", "Distinct first choices", true},
    {"entropy_bits", "Entropy (bits)", true},
    {"commonest_first", "Commonest first choice"},
    {"commonest_percent", "its share %", true},
    {"gained", "Gained", true},
    {"lost", "Lost", true},
    {"undecided", "Undecided", true}};

const std::vector<Column> kCostColumns = {
    {"executed_layers", "Executed layers", true},
    {"prefill_layer_tokens", "Prefill", true},
    {"decode_layer_tokens", "Decode", true},
    {"choosing_layer_tokens", "Choosing", true}};

std::vector<std::string> choiceCells(const Summary& summary) {
  return {percent(summary.standardShare), count(summary.distinct), fixed(summary.entropy, 2),
          summary.n == 0 ? kNone : summary.commonest, percent(summary.commonestShare),
          summary.paired ? count(summary.gained) : kNone, summary.paired ? count(summary.lost) : kNone,
          count(summary.undecided)};
}

std::vector<std::string> costCells(const Summary& summary) {
  return {fixed(summary.executed, 2), fixed(summary.prefillLayerTokens, 0), fixed(summary.decodeLayerTokens, 0),
          fixed(summary.choosingLayerTokens, 0)};
}

template <typename T>
std::vector<T> joined(std::vector<T> front, const std::vector<T>& back) {
  front.insert(front.end(), back.begin(), back.end());
  return front;
}

}  // namespace

std::string policyLabel(const Summary& summary) {
  return summary.usesAnswer ? summary.policy + " (uses the answer)" : summary.policy;
}

std::string setLabel(const Summary& summary) {
  return summary.set + (summary.inDistribution ? " (in distribution)" : " (out of distribution)");
}

std::size_t mostRanked(const Report& report) {
  std::size_t most = 0;
  for (const Summary& summary : report.summaries) most = std::max(most, summary.passAt.size());
  return most;
}

Table accuracyTable(const Report& report) {
  Table table{"Accuracy and executed layers", accuracyColumns(report), {}};
  for (const Summary& summary : report.summaries) table.add(accuracyCells(summary, mostRanked(report)));
  return table;
}

Table choiceTable(const Report& report) {
  Table table{"First choices", joined({{"set", "Set"}, {"policy", "Policy"}}, kChoiceColumns), {}};
  for (const Summary& summary : report.summaries)
    table.add(joined({setLabel(summary), policyLabel(summary)}, choiceCells(summary)));
  return table;
}

Table costTable(const Report& report) {
  Table table{"Cost of first choices (layer executions × tokens, mean per question)",
              joined({{"set", "Set"}, {"policy", "Policy"}}, kCostColumns), {}};
  for (const Summary& summary : report.summaries)
    table.add(joined({setLabel(summary), policyLabel(summary)}, costCells(summary)));
  return table;
}

Table findingTable(const Report& report) {
  Table table{"What the oracle labels show",
              {{"question", "Question"}, {"measured", "Measured here"}, {"paper", "Paper"}}, {}};
  for (const Report::Finding& finding : report.findings)
    table.add({finding.question, finding.measured, finding.paper});
  return table;
}

Table wholeTable(const Report& report) {
  // The costs without the executed layers, which stand among the first columns.
  const std::vector<Column> costs(kCostColumns.begin() + 1, kCostColumns.end());
  Table table{"All", joined(joined(accuracyColumns(report), kChoiceColumns), costs), {}};
  for (const Summary& summary : report.summaries) {
    std::vector<std::string> cells = joined(accuracyCells(summary, mostRanked(report)), choiceCells(summary));
    const std::vector<std::string> rest = costCells(summary);
    cells.insert(cells.end(), rest.begin() + 1, rest.end());
    table.add(std::move(cells));
  }
  // Programs that read the file want an empty field where a reader wants a dash.
  for (auto& row : table.rows) std::replace(row.begin(), row.end(), kNone, std::string());
  return table;
}

std::vector<std::string> reportNotes(const Report& report) {
  std::vector<std::string> notes = {
      "pass@1 is the share of questions that a policy's first choice answers, every verdict from running the program; "
      "its interval is Wilson's at " + confidenceText(report.confidence) + ".",
      "Δ points and McNemar's exact two-sided p compare with the standard program on the same questions."};
  if (const std::size_t k = mostRanked(report); k > 1)
    notes.push_back("pass@" + std::to_string(k) + " counts a question where any of the first " + std::to_string(k) +
                    " programs is right. Nobody tells a policy which one: compare it with the same k of random "
                    "programs, never with a pass@1. A policy of one program has none.");
  const bool usesAnswer = std::any_of(report.summaries.begin(), report.summaries.end(),
                                      [](const Summary& summary) { return summary.usesAnswer; });
  if (usesAnswer)
    notes.push_back("A policy marked “uses the answer” chooses by the reference answer of the question under test: an "
                    "upper bound for methods, not a method.");
  return notes;
}

}  // namespace polar
