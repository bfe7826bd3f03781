// pass@k: how often any of a policy's first k programs is right.
#include <algorithm>
#include <cmath>

#include "eval/report/figure_spec.h"
#include "eval/report/number_text.h"
#include "eval/report/report_tables.h"

namespace polar {
namespace {

Table passAtKTable(const Report& report) {
  Table table{"pass@k",
              {{"set", "Set"},
               {"policy", "Policy"},
               {"k", "k", true},
               {"n", "n", true},
               {"right", "Right", true},
               {"pass_percent", "pass@k %", true}},
              {}};
  for (Column& column : intervalColumns(report.confidence)) table.columns.push_back(std::move(column));
  for (const Summary* summary : firstSeeds(report))
    for (std::size_t k = 1; k <= summary->passAt.size(); ++k) {
      const std::int64_t right = std::llround(summary->passAt[k - 1] * static_cast<double>(summary->n));
      const std::vector<std::string> interval = intervalCells(wilson(right, summary->n, report.confidence));
      table.add({setLabel(*summary), policyLabel(*summary), std::to_string(k), std::to_string(summary->n),
                 std::to_string(right), percent(summary->passAt[k - 1]), interval[0], interval[1]});
    }
  return table;
}

Json sharedAccuracy(const Report& report) {
  double low = 1, high = 0;
  for (const Summary& summary : report.summaries)
    for (const double share : summary.passAt) {
      low = std::min(low, share);
      high = std::max(high, share);
    }
  return ranged("pass_percent", "any of k right, %", 100 * low, 100 * high);
}

Json passAtKPanel(const Report& report, const Table& table, const std::string& set) {
  const Json k = stepped("k", "k: programs tried", 1, static_cast<int>(mostRanked(report)));
  const Json accuracy = sharedAccuracy(report);
  Json spec = {{"data", dataOf(table, set)}};
  const Json standard = {{"transform", {{{"filter", "datum.policy === 'standard'"}}}},
                         {"mark", {{"type", "rule"}, {"strokeDash", {5, 4}}}},
                         {"encoding", {{"y", accuracy}}}};
  const Json line = {{"mark", {{"type", "line"}, {"strokeWidth", 1.8}}},
                     {"encoding",
                      {{"x", k},
                       {"y", accuracy},
                       {"color", familyColour(report)},
                       {"detail", {{"field", "policy"}, {"type", "nominal"}}}}}};
  const Json point = {{"mark", {{"type", "point"}, {"filled", true}, {"size", 80}, {"opacity", 1}}},
                      {"encoding",
                       {{"x", k},
                        {"y", accuracy},
                        {"color", familyColour(report)},
                        {"shape", familyShape(report)},
                        {"tooltip", tooltipOf(table)}}}};
  spec["layer"] = {standard, line, point};
  return spec;
}

}  // namespace

Figure drawPassAtK(const Report& report) {
  Figure figure{"pass_at_k",
                "pass@k",
                "Share of questions that any of a policy's first k programs answers. Choosing among them would need "
                "the answer, so read a policy's pass@k beside the same k of random programs and of temperature "
                "samples, never beside a pass@1. Dashes: the standard program, which has one." +
                    oneSeedNote(report),
                {},
                passAtKTable(report)};
  if (mostRanked(report) < 2) return figure;
  for (const auto& set : bySet(report)) {
    const std::string label = setLabel(*set.front());
    figure.panels.push_back({label,
                             "pass@k, " + label +
                                 ": a line for each policy, k to the right, share of questions with "
                                 "any right program among the first k upwards.",
                             passAtKPanel(report, figure.data, label)});
  }
  return figure;
}

}  // namespace polar
