// What a search costs: questions with a right program after so many evaluations.
#include "eval/report/figure_spec.h"
#include "eval/report/number_text.h"

namespace polar {
namespace {

Table searchCostTable(const Report& report) {
  Table table{"Search cost",
              {{"set", "Set"},
               {"found", "Sought"},
               {"evaluations", "Evaluations", true},
               {"count", "Found", true},
               {"n", "of n", true},
               {"found_percent", "Found %", true}},
              {}};
  for (Column& column : intervalColumns(report.confidence)) table.columns.push_back(std::move(column));
  for (const LabelStatistics& labels : report.labels) {
    const auto add = [&](const std::string& what, std::int64_t evaluations, std::int64_t found) {
      const auto interval = intervalCells(wilson(found, labels.questions, report.confidence));
      const double share = static_cast<double>(found) / static_cast<double>(labels.questions);
      table.add({splitLabel(labels), what, std::to_string(evaluations), std::to_string(found),
                 std::to_string(labels.questions), percent(share), interval[0], interval[1]});
    };
    for (const SearchCost& cost : labels.cost) add("any right program", cost.evaluations, cost.found);
    for (const SearchCost& cost : labels.cost) add("a shorter right program", cost.evaluations, cost.foundShorter);
  }
  return table;
}

Json searchCostPanel(const Table& table, const std::string& set) {
  Json evaluations = field("evaluations", "quantitative", "evaluations a question");
  evaluations["scale"] = {{"type", "log"}, {"nice", false}};
  evaluations["axis"] = {{"format", "~s"}, {"values", {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000}}};
  const Json found = ranged("found_percent", "questions with one found, %", 0, 100);
  Json colour = field("found", "nominal", "");
  colour["title"] = nullptr;
  const Json shades = Json::array({"any right program", "a shorter right program"});
  colour["scale"] = {{"domain", shades}};
  colour["legend"] = {{"symbolOpacity", 1}, {"symbolType", "circle"}};
  Json spec = {{"data", dataOf(table, set)}};
  const Json band = {{"mark", {{"type", "area"}, {"opacity", 0.15}, {"interpolate", "step-after"}}},
                     {"encoding",
                      {{"x", evaluations},
                       {"color", colour},
                       {"y", {{"field", "low_percent"}, {"type", "quantitative"}}},
                       {"y2", {{"field", "high_percent"}}}}}};
  const Json line = {{"mark", {{"type", "line"}, {"interpolate", "step-after"}, {"strokeWidth", 2}}},
                     {"encoding", {{"x", evaluations}, {"y", found}, {"color", colour}}}};
  const Json point = {
      {"mark", {{"type", "point"}, {"filled", true}, {"size", 26}, {"opacity", 1}}},
      {"encoding", {{"x", evaluations}, {"y", found}, {"color", colour}, {"tooltip", tooltipOf(table)}}}};
  spec["layer"] = {band, line, point};
  return spec;
}

}  // namespace

Figure drawSearchCost(const Report& report) {
  Figure figure{"search_cost",
                "What the search costs",
                "Share of the searched questions with a right program, and with one shorter than the model, after so "
                "many evaluations; the standard program is the first. Shaded: " +
                    confidenceText(report.confidence) + " Wilson intervals.",
                {},
                searchCostTable(report)};
  for (const LabelStatistics& labels : report.labels) {
    if (labels.cost.empty()) continue;
    const std::string label = splitLabel(labels);
    figure.panels.push_back({label,
                             "Search cost, " + label +
                                 ": evaluations to the right on a logarithmic scale, share of "
                                 "questions with a right program upwards.",
                             searchCostPanel(figure.data, label)});
  }
  return figure;
}

}  // namespace polar
