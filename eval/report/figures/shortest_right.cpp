// How long the shortest right program of a question is, from the oracle labels.
#include "eval/report/figure_spec.h"
#include "eval/report/number_text.h"

namespace polar {
namespace {

const std::string kRight = "standard program right", kRescued = "standard program wrong";

Table shortestRightTable(const Report& report) {
  Table table{"Executed layers of the shortest right program",
              {{"set", "Set"},
               {"question", "Kind"},
               {"layers", "Executed layers", true},
               {"count", "Questions", true},
               {"n", "of n", true},
               {"share_percent", "Share %", true}},
              {}};
  for (const LabelStatistics& labels : report.labels)
    for (const ShortestRight& one : labels.shortest)
      for (const auto& [kind, count] : {std::pair(kRight, one.standardRight), std::pair(kRescued, one.rescued)})
        if (count > 0)
          table.add({splitLabel(labels), kind, std::to_string(one.layers), std::to_string(count),
                     std::to_string(labels.questions),
                     percent(static_cast<double>(count) / static_cast<double>(labels.questions))});
  return table;
}

Json shortestRightPanel(const Table& table, const LabelStatistics& labels) {
  const Json layers = stepped("layers", "executed layers of the shortest right program", labels.shortest.front().layers,
                              labels.shortest.back().layers);
  const Json count = {
      {"field", "count"}, {"type", "quantitative"}, {"title", "questions"}, {"axis", {{"tickMinStep", 1}}}};
  Json colour = field("question", "nominal", "");
  colour["title"] = nullptr;
  colour["scale"] = {{"domain", {kRight, kRescued}}};
  Json spec = {{"data", dataOf(table, splitLabel(labels))}};
  spec["mark"] = {{"type", "bar"}, {"opacity", 0.85}};
  spec["encoding"] = {{"x", layers}, {"y", count}, {"color", colour}, {"tooltip", tooltipOf(table)}};
  return spec;
}

}  // namespace

Figure drawShortestRight(const Report& report) {
  Figure figure{"shortest_right",
                "Shortest right programs",
                "How many layers the shortest right program of a question executes, among those searched. Questions "
                "without a right program are in no bar.",
                {},
                shortestRightTable(report)};
  for (const LabelStatistics& labels : report.labels) {
    if (labels.shortest.empty()) continue;
    const std::string label = splitLabel(labels);
    figure.panels.push_back({label,
                             "Histogram, " + label +
                                 ": executed layers of the shortest right program to the right, "
                                 "number of questions upwards.",
                             shortestRightPanel(figure.data, labels)});
  }
  return figure;
}

}  // namespace polar
