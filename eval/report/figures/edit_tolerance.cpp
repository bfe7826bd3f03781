// Which layers the model can do without, and which it bears twice: programs of one edit, from the oracle labels.
#include <algorithm>
#include <cmath>

#include "eval/report/figure_spec.h"
#include "eval/report/number_text.h"

namespace polar {
namespace {

std::string editName(const Segment& edit) {
  const std::string what = edit.op == SegmentOp::skip ? "skip" : "repeat ×" + std::to_string(edit.times);
  return what + ", " + std::to_string(edit.length) + (edit.length == 1 ? " layer" : " layers");
}

std::string shareCell(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? "–" : percent(static_cast<double>(part) / static_cast<double>(whole));
}

Table editToleranceTable(const Report& report) {
  Table table{"Programs of one edit",
              {{"set", "Set"},
               {"edit", "Edit"},
               {"layer", "First layer", true},
               {"program", "Program"},
               {"kept", "Still right", true},
               {"kept_of", "of standard right", true},
               {"kept_percent", "Still right %", true}},
              {}};
  for (Column& column : intervalColumns(report.confidence)) table.columns.push_back(std::move(column));
  table.columns.insert(table.columns.end(), {{"gained", "Newly right", true},
                                             {"gained_of", "of standard wrong", true},
                                             {"gained_percent", "Newly right %", true}});
  for (const LabelStatistics& labels : report.labels)
    for (const EditTolerance& one : labels.edits) {
      const auto interval = intervalCells(wilson(one.kept, one.keptOf, report.confidence));
      table.add({splitLabel(labels), editName(one.edit), std::to_string(one.edit.start), one.program,
                 std::to_string(one.kept), std::to_string(one.keptOf), shareCell(one.kept, one.keptOf), interval[0],
                 interval[1], std::to_string(one.gained), std::to_string(one.gainedOf),
                 shareCell(one.gained, one.gainedOf)});
    }
  return table;
}

// Skips first, shorter edits first.
std::vector<std::string> editOrder(const LabelStatistics& labels) {
  std::vector<Segment> edits;
  for (const EditTolerance& one : labels.edits) edits.push_back(one.edit);
  std::stable_sort(edits.begin(), edits.end(), [](const Segment& a, const Segment& b) {
    return std::pair(a.times, a.length) < std::pair(b.times, b.length);
  });
  std::vector<std::string> order;
  for (const Segment& edit : edits)
    if (order.empty() || order.back() != editName(edit)) order.push_back(editName(edit));
  return order;
}

// One colour scale for all panels of a kind, up to the next ten: newly right shares are small.
double highestGain(const Report& report) {
  double highest = 0.1;
  for (const LabelStatistics& labels : report.labels)
    for (const EditTolerance& one : labels.edits)
      if (one.gainedOf > 0)
        highest = std::max(highest, static_cast<double>(one.gained) / static_cast<double>(one.gainedOf));
  return 10 * std::ceil(10 * highest);
}

Json editTolerancePanel(const Table& table, const LabelStatistics& labels, const std::string& key,
                        const std::string& title, double highest) {
  const std::vector<std::string> edits = editOrder(labels);
  Json share = field(key, "quantitative", title);
  share["scale"] = {{"domain", {0.0, highest}}};
  Json spec = {{"height", 24 * edits.size()}, {"data", dataOf(table, splitLabel(labels))}};
  spec["transform"] = {{{"filter", "datum." + key + " !== null"}}};
  spec["mark"] = {{"type", "rect"}};
  spec["encoding"] = {{"x", stepped("layer", "first layer of the edit", 0, labels.depth - 1)},
                      {"y", named("edit", edits)},
                      {"color", share},
                      {"tooltip", tooltipOf(table)}};
  return spec;
}

}  // namespace

Figure drawEditTolerance(const Report& report) {
  Figure figure{"edit_tolerance",
                "Tolerance of skipped and repeated layers",
                "Each cell is one program: the standard one with a single segment skipped or repeated, beginning at "
                "the layer below. “Still right” is the share of the questions answered by the standard program that it "
                "answers too; “newly right”, of those that the standard program fails.",
                {},
                editToleranceTable(report)};
  for (const LabelStatistics& labels : report.labels) {
    if (labels.edits.empty()) continue;
    const std::string label = splitLabel(labels);
    figure.panels.push_back({label + ": still right",
                             "Heat map, " + label +
                                 ": a row for each kind of edit, its first layer to the right, a "
                                 "cell's colour the share of questions still right.",
                             editTolerancePanel(figure.data, labels, "kept_percent", "still right, %", 100)});
    figure.panels.push_back(
        {label + ": newly right",
         "Heat map, " + label +
             ": a row for each kind of edit, its first layer to the right, a "
             "cell's colour the share of failed questions newly right.",
         editTolerancePanel(figure.data, labels, "gained_percent", "newly right, %", highestGain(report))});
  }
  return figure;
}

}  // namespace polar
