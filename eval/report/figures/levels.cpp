// Accuracy by level of difficulty.
#include "eval/report/figure_spec.h"
#include "eval/report/number_text.h"
#include "eval/report/report_tables.h"

namespace polar {
namespace {

Table levelsTable(const Report& report) {
  Table table{"Accuracy by level",
              {{"set", "Set"},
               {"policy", "Policy"},
               {"level", "Level", true},
               {"n", "n", true},
               {"right", "Right", true},
               {"pass_at_1_percent", "pass@1 %", true}},
              {}};
  for (Column& column : intervalColumns(report.confidence)) table.columns.push_back(std::move(column));
  for (const Summary* summary : firstSeeds(report))
    for (const auto& [level, counts] : summary->perLevel) {
      const auto& [right, n] = counts;
      const std::vector<std::string> interval = intervalCells(wilson(right, n, report.confidence));
      table.add({setLabel(*summary), policyLabel(*summary), std::to_string(level), std::to_string(n),
                 std::to_string(right), percent(static_cast<double>(right) / static_cast<double>(n)), interval[0],
                 interval[1]});
    }
  return table;
}

Json levelsPanel(const Report& report, const Table& table, const std::string& set, std::vector<std::string> policies) {
  Json level = field("level", "ordinal", "level");
  level["axis"] = {{"labelAngle", 0}};
  // One offset for all layers, in the table's order: without a domain a layer would sort by name.
  const Json beside = {{"field", "policy"}, {"type", "nominal"}, {"scale", {{"domain", std::move(policies)}}}};
  const Json accuracy = ranged("pass_at_1_percent", "pass@1, %", 0, 100);
  Json spec = {{"data", dataOf(table, set)}};
  const Json bar = {{"mark", {{"type", "bar"}, {"opacity", 0.75}}},
                    {"encoding",
                     {{"x", level},
                      {"xOffset", beside},
                      {"y", accuracy},
                      {"color", familyColour(report)},
                      {"tooltip", tooltipOf(table)}}}};
  const Json whisker = {{"mark", {{"type", "rule"}, {"strokeWidth", 1.2}}},
                        {"encoding",
                         {{"x", level},
                          {"xOffset", beside},
                          {"tooltip", tooltipOf(table)},
                          {"y", {{"field", "low_percent"}, {"type", "quantitative"}}},
                          {"y2", {{"field", "high_percent"}}}}}};
  spec["layer"] = {bar, whisker};
  return spec;
}

}  // namespace

Figure drawLevels(const Report& report) {
  Figure figure{"levels",
                "Accuracy by level",
                "First choices (pass@1) with " + confidenceText(report.confidence) +
                    " Wilson intervals, by the level that the data set gives its questions; bars from left to right "
                    "in the order of the table." +
                    oneSeedNote(report),
                {},
                levelsTable(report),
                true};
  for (const auto& set : bySet(report)) {
    std::vector<std::string> policies;
    for (const Summary* one : firstSeeds(report))
      if (setLabel(*one) == setLabel(*set.front()) && !one->perLevel.empty()) policies.push_back(policyLabel(*one));
    if (policies.empty()) continue;
    const std::string label = setLabel(*set.front());
    figure.panels.push_back({label,
                             "Accuracy by level, " + label +
                                 ": a bar for each policy at each level, its height the "
                                 "share right.",
                             levelsPanel(report, figure.data, label, policies)});
  }
  return figure;
}

}  // namespace polar
