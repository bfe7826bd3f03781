// How many layers first choices execute: a row of cells for each policy, the darker the commoner.
#include "eval/report/figure_spec.h"
#include "eval/report/number_text.h"
#include "eval/report/report_tables.h"

namespace polar {
namespace {

Table firstChoiceLayersTable(const Report& report) {
  Table table{"Executed layers of first choices",
              {{"set", "Set"},
               {"policy", "Policy"},
               {"layers", "Executed layers", true},
               {"count", "Questions", true},
               {"n", "of n", true},
               {"share_percent", "Share %", true}},
              {}};
  for (const Summary* summary : firstSeeds(report))
    for (const auto& [layers, count] : summary->executedCounts)
      table.add({setLabel(*summary), policyLabel(*summary), std::to_string(layers), std::to_string(count),
                 std::to_string(summary->n), percent(static_cast<double>(count) / static_cast<double>(summary->n))});
  return table;
}

// The same steps in all panels.
Json sharedLayers(const Report& report) {
  std::map<int, std::int64_t> all;
  for (const Summary& one : report.summaries) all.insert(one.executedCounts.begin(), one.executedCounts.end());
  return stepped("layers", "executed layers", all.begin()->first, all.rbegin()->first);
}

Json firstChoiceLayersPanel(const Report& report, const Table& table, const std::string& set,
                            const std::vector<std::string>& policies) {
  Json share = field("share_percent", "quantitative", "share of questions, %");
  share["scale"] = {{"domain", {0, 100}}};
  Json spec = {{"height", 26 * policies.size()}, {"data", dataOf(table, set)}};
  spec["mark"] = {{"type", "rect"}};
  spec["encoding"] = {
      {"x", sharedLayers(report)}, {"y", named("policy", policies)}, {"color", share}, {"tooltip", tooltipOf(table)}};
  return spec;
}

}  // namespace

Figure drawFirstChoiceLayers(const Report& report) {
  Figure figure{"first_choice_layers",
                "Executed layers of first choices",
                "Share of the questions for which a policy's first choice executes that many layers. One full cell at "
                "the model's depth is a policy that has collapsed to the standard program or its like." +
                    oneSeedNote(report),
                {},
                firstChoiceLayersTable(report)};
  for (const auto& set : bySet(report)) {
    std::vector<std::string> policies;
    for (const Summary* one : firstSeeds(report))
      if (setLabel(*one) == setLabel(*set.front()) && one->n > 0) policies.push_back(policyLabel(*one));
    if (policies.empty()) continue;
    const std::string label = setLabel(*set.front());
    figure.panels.push_back({label,
                             "Executed layers of first choices, " + label +
                                 ": a row for each policy, executed layers "
                                 "to the right, a cell's colour the share of questions.",
                             firstChoiceLayersPanel(report, figure.data, label, policies)});
  }
  return figure;
}

}  // namespace polar
