// Paired differences between runs, with their intervals.
#include <algorithm>

#include "eval/report/figure_spec.h"
#include "eval/report/number_text.h"
#include "eval/report/report_comparison.h"

namespace polar {
namespace {

Json runDifferencesPanel(const Table& pairs, const std::string& set, const std::vector<std::string>& runs) {
  const Json data = dataOf(pairs, set);
  std::vector<std::string> policies;
  for (const Json& value : data["values"]) {
    const std::string policy = value["policy"];
    if (std::find(policies.begin(), policies.end(), policy) == policies.end()) policies.push_back(policy);
  }
  Json policy = named("policy", policies);
  policy["axis"]["grid"] = true;
  const Json beside = {{"field", "run"}, {"type", "nominal"}, {"scale", {{"domain", runs}}}};
  Json colour = field("run", "nominal", "Run");
  colour["scale"] = {{"domain", runs}};
  const Json tooltip = tooltipOf(pairs), difference = field("difference_points", "quantitative", "difference, points");
  Json spec = {{"height", std::max<std::size_t>(60, 14 * (runs.size() + 1) * policies.size())}, {"data", data}};
  const Json zero = {{"mark", {{"type", "rule"}, {"strokeDash", {5, 4}}}}, {"encoding", {{"x", {{"datum", 0}}}}}};
  const Json whisker = {{"mark", {{"type", "rule"}, {"strokeWidth", 1.4}}},
                        {"encoding",
                         {{"y", policy},
                          {"yOffset", beside},
                          {"color", colour},
                          {"tooltip", tooltip},
                          {"x", field("difference_low", "quantitative", "difference, points")},
                          {"x2", {{"field", "difference_high"}}}}}};
  const Json point = {
      {"mark", {{"type", "point"}, {"filled", true}, {"size", 80}, {"opacity", 1}}},
      {"encoding", {{"y", policy}, {"yOffset", beside}, {"x", difference}, {"color", colour}, {"tooltip", tooltip}}}};
  spec["layer"] = {zero, whisker, point};
  return spec;
}

}  // namespace

Figure drawRunDifferences(const RunComparison& comparison) {
  const std::string& first = comparison.runs.front();
  Figure figure{"run_differences",
                "Difference to " + first,
                "Share right at the first choice (pass@1) minus that of " + first +
                    ", on the same questions, with "
                    "the " +
                    confidenceText(comparison.confidence) + " interval; right of the dashes is better than " + first +
                    ".",
                {},
                comparison.pairs};
  const std::vector<std::string> runs(comparison.runs.begin() + 1, comparison.runs.end());
  std::vector<std::string> sets;
  for (const auto& row : comparison.pairs.rows)
    if (std::find(sets.begin(), sets.end(), row.front()) == sets.end()) sets.push_back(row.front());
  for (const std::string& set : sets)
    figure.panels.push_back({set,
                             "Paired differences, " + set + ": a row for each policy, the difference to " + first +
                                 " in percentage points to the right.",
                             runDifferencesPanel(comparison.pairs, set, runs)});
  return figure;
}

}  // namespace polar
