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
      {"difference_points", "Δ points", true},
      {"difference_interval", "Δ " + confidenceText(report.confidence), true}, {"mcnemar_p", "McNemar p", true},
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
                                    summary.paired ? pointsInterval(summary.differenceInterval) : kNone,
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
    {"executed_range", "least / median / most", true},
    {"unique_range", "Unique: least / median / most", true},
    {"prefill_layer_tokens", "Prefill", true},
    {"decode_layer_tokens", "Decode", true},
    {"choosing_layer_tokens", "Choosing (encoder)", true},
    {"seconds", "Seconds per answer", true}};

// "9 / 12 / 14" of a distribution.
std::string rangeText(const std::map<int, std::int64_t>& counts) {
  if (counts.empty()) return kNone;
  std::int64_t all = 0, seen = 0;
  for (const auto& [value, many] : counts) all += many;
  int median = 0;
  for (const auto& [value, many] : counts) {
    median = value;
    if (2 * (seen += many) >= all) break;
  }
  return std::to_string(counts.begin()->first) + " / " + std::to_string(median) + " / " +
         std::to_string(counts.rbegin()->first);
}

std::vector<std::string> choiceCells(const Summary& summary) {
  return {percent(summary.standardShare), count(summary.distinct), fixed(summary.entropy, 2),
          summary.n == 0 ? kNone : summary.commonest, percent(summary.commonestShare),
          summary.paired ? count(summary.gained) : kNone, summary.paired ? count(summary.lost) : kNone,
          count(summary.undecided)};
}

std::vector<std::string> costCells(const Summary& summary) {
  return {fixed(summary.executed, 2), rangeText(summary.executedCounts), rangeText(summary.uniqueCounts),
          fixed(summary.prefillLayerTokens, 0), fixed(summary.decodeLayerTokens, 0),
          fixed(summary.choosingLayerTokens, 0), summary.seconds ? fixed(*summary.seconds, 3) : kNone};
}

template <typename T>
std::vector<T> joined(std::vector<T> front, const std::vector<T>& back) {
  front.insert(front.end(), back.begin(), back.end());
  return front;
}

}  // namespace

std::string policyLabel(const Summary& summary) {
  const std::string seed = summary.name.seed ? ", seed " + std::to_string(*summary.name.seed) : "";
  return summary.name.variant + seed + (summary.usesAnswer ? " (uses the answer)" : "");
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

namespace {

// Mean, least and most of what `valueOf` tells of the summaries.
template <typename ValueOf>
std::vector<std::string> spread(const std::vector<const Summary*>& group, ValueOf valueOf,
                                std::string (*text)(double)) {
  double sum = 0, least = valueOf(*group.front()), most = least;
  for (const Summary* one : group) {
    sum += valueOf(*one);
    least = std::min(least, valueOf(*one));
    most = std::max(most, valueOf(*one));
  }
  return {text(sum / static_cast<double>(group.size())), text(least) + " … " + text(most)};
}

std::string twoDigits(double value) { return fixed(value, 2); }

std::vector<std::string> seedCells(const std::vector<const Summary*>& group) {
  const bool paired = std::all_of(group.begin(), group.end(), [](const Summary* one) { return one->paired; });
  const std::vector<std::string> none = {kNone, kNone};
  std::vector<std::string> cells = {setLabel(*group.front()), group.front()->name.variant,
                                    count(static_cast<std::int64_t>(group.size()))};
  cells = joined(cells, spread(group, [](const Summary& one) { return one.accuracy; }, percent));
  cells = joined(cells, paired ? spread(group, [](const Summary& one) { return one.difference; }, points) : none);
  cells.push_back(paired ? spread(group, [](const Summary& one) { return one.mcnemarP; }, pValue)[1] : kNone);
  return joined(cells, spread(group, [](const Summary& one) { return one.executed; }, twoDigits));
}

}  // namespace

Table seedTable(const Report& report) {
  Table table{"Over seeds: mean, and least … most",
              {{"set", "Set"}, {"policy", "Policy"}, {"seeds", "Seeds", true},
               {"pass_at_1_percent", "pass@1 %", true}, {"pass_at_1_range", "range", true},
               {"difference_points", "Δ points", true}, {"difference_range", "range", true},
               {"mcnemar_p_range", "McNemar p", true},
               {"executed_layers", "Executed layers", true}, {"executed_range", "range", true}}, {}};
  std::vector<std::vector<const Summary*>> groups;
  for (const Summary& one : report.summaries) {
    if (!one.name.seed) continue;
    const auto same = std::find_if(groups.begin(), groups.end(), [&](const auto& group) {
      return setLabel(*group.front()) == setLabel(one) && group.front()->name.variant == one.name.variant;
    });
    if (same == groups.end())
      groups.push_back({&one});
    else
      same->push_back(&one);
  }
  for (const auto& group : groups)
    if (group.size() > 1) table.add(seedCells(group));
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
      "Δ points and McNemar's exact two-sided p compare with the standard program on the same questions; the "
      "interval of Δ is Newcombe's for paired shares."};
  if (std::any_of(report.summaries.begin(), report.summaries.end(),
                  [](const Summary& summary) { return summary.seconds.has_value(); }))
    notes.push_back("Seconds per answer are wall-clock for choosing and for the first choice's answer, one question "
                    "at a time, over the questions that were timed. They differ from run to run; nothing else here does.");
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
