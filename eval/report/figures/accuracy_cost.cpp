// Accuracy against layer-tokens: what a policy's first choice gets right, and what the answer costs in all.
#include <algorithm>

#include "eval/report/figure_spec.h"
#include "eval/report/number_text.h"
#include "eval/report/report_tables.h"

namespace polar {
namespace {

bool hasPrices(const Report& report) {
  return std::any_of(report.summaries.begin(), report.summaries.end(),
                     [](const Summary& one) { return one.name.price.has_value(); });
}

Table accuracyCostTable(const Report& report) {
  Table table{"Accuracy and cost of an answer",
              {{"set", "Set"},
               {"policy", "Policy"},
               {"n", "n", true},
               {"right", "Right", true},
               {"pass_at_1_percent", "pass@1 %", true}},
              {}};
  for (Column& column : intervalColumns(report.confidence)) table.columns.push_back(std::move(column));
  table.columns.insert(table.columns.end(), {{"total_layer_tokens", "Layer-tokens", true},
                                             {"cost_ratio", "× standard", true},
                                             {"executed_layers", "Executed layers", true},
                                             {"unique_layers", "Unique layers", true},
                                             {"commonest_first", "Commonest first choice"},
                                             {"commonest_percent", "its share %", true}});
  if (hasPrices(report)) table.columns.push_back({"price", "Layer price", true});
  for (const Summary& one : report.summaries) {
    const std::vector<std::string> interval = intervalCells(one.interval);
    std::vector<std::string> row = {setLabel(one),
                                    policyLabel(one),
                                    std::to_string(one.n),
                                    std::to_string(one.right),
                                    percent(one.accuracy),
                                    interval[0],
                                    interval[1],
                                    fixed(one.totalLayerTokens, 0),
                                    one.costRatio ? fixed(*one.costRatio, 2) : "–",
                                    fixed(one.executed, 2),
                                    fixed(one.unique, 2),
                                    one.commonest,
                                    percent(one.commonestShare)};
    if (hasPrices(report)) row.push_back(one.name.price ? shortest(*one.name.price) : "–");
    table.add(std::move(row));
  }
  return table;
}

// The same axes in all panels, so that sets can be compared by eye.
struct Axes {
  Json cost, accuracy;
};

Axes sharedAxes(const Report& report) {
  double least = report.summaries.front().totalLayerTokens, most = least, low = 1, high = 0;
  for (const Summary& summary : report.summaries) {
    least = std::min(least, summary.totalLayerTokens);
    most = std::max(most, summary.totalLayerTokens);
    low = std::min(low, summary.interval.low);
    high = std::max(high, summary.interval.high);
  }
  const double margin = std::max(1.0, 0.04 * (most - least));
  return {ranged("total_layer_tokens", "layer-tokens an answer, mean", std::max(0.0, least - margin), most + margin),
          ranged("pass_at_1_percent", "pass@1, %", 100 * low, 100 * high)};
}

// Members with a layer price are points of one curve; seeds of a price are averaged into its point.
Json priceCurve(const Axes& axes, const Json& colour) {
  Json cost = axes.cost, accuracy = axes.accuracy;
  cost["field"] = "mean_cost";
  accuracy["field"] = "mean_accuracy";
  return {{"transform",
           {{{"filter", "datum.price !== null"}},
            {{"aggregate",
              {{{"op", "mean"}, {"field", "total_layer_tokens"}, {"as", "mean_cost"}},
               {{"op", "mean"}, {"field", "pass_at_1_percent"}, {"as", "mean_accuracy"}}}},
             {"groupby", {"family", "price"}}}}},
          {"mark", {{"type", "line"}, {"strokeWidth", 1.8}, {"opacity", 0.8}}},
          {"encoding", {{"x", cost}, {"y", accuracy}, {"color", colour}, {"order", {{"field", "price"}}}}}};
}

Json accuracyCostPanel(const Report& report, const Table& table, const std::string& set, const Axes& axes) {
  const Json colour = familyColour(report), tooltip = tooltipOf(table);
  const Json standard = {{"transform", {{{"filter", "datum.policy === 'standard'"}}}},
                         {"mark", {{"type", "rule"}, {"strokeDash", {5, 4}}}},
                         {"encoding", {{"y", axes.accuracy}}}};
  const Json whisker = {{"mark", {{"type", "rule"}, {"strokeWidth", 1.4}, {"opacity", 0.7}}},
                        {"encoding",
                         {{"x", axes.cost},
                          {"color", colour},
                          {"tooltip", tooltip},
                          {"y", {{"field", "low_percent"}, {"type", "quantitative"}}},
                          {"y2", {{"field", "high_percent"}}}}}};
  const Json point = {{"mark", {{"type", "point"}, {"filled", true}, {"size", 90}, {"opacity", 1}}},
                      {"encoding",
                       {{"x", axes.cost},
                        {"y", axes.accuracy},
                        {"color", colour},
                        {"shape", familyShape(report)},
                        {"tooltip", tooltip}}}};
  Json spec = {{"data", dataOf(table, set)}};
  spec["layer"] = Json::array({standard, whisker, point});
  if (hasPrices(report)) spec["layer"].insert(spec["layer"].begin() + 1, priceCurve(axes, colour));
  return spec;
}

}  // namespace

Figure drawAccuracyCost(const Report& report) {
  Figure figure{
      "accuracy_cost",
      "Accuracy against cost",
      "Each point is a policy's first choice (pass@1) with its " + confidenceText(report.confidence) +
          " Wilson interval; its cost is all layer-tokens of an answer, choosing included. Up is better, left is "
          "cheaper. Dashes: the standard program. A line joins the "
          "layer prices of one policy, the mean over its seeds at each. Policies at the same place "
          "cover each other; the table has them all.",
      {},
      accuracyCostTable(report)};
  if (report.summaries.empty()) return figure;
  const Axes axes = sharedAxes(report);
  for (const auto& set : bySet(report)) {
    const std::string label = setLabel(*set.front());
    figure.panels.push_back({label,
                             "Accuracy against cost, " + label +
                                 ": a point for each policy, mean layer-tokens of an answer to the right, share right "
                                 "upwards.",
                             accuracyCostPanel(report, figure.data, label, axes)});
  }
  return figure;
}

}  // namespace polar
