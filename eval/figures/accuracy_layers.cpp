// Accuracy against executed layers: what a policy's first choice gets right, and what it runs for it.
#include <algorithm>

#include "eval/figures.h"
#include "eval/number_text.h"
#include "eval/plot.h"
#include "eval/report_tables.h"

namespace polar {
namespace {

constexpr double kGap = 13;  // SVG units between markers that would cover each other

// The same axes in all panels, so that sets can be compared by eye.
std::pair<Axis, Axis> sharedAxes(const Report& report) {
  double fewest = report.summaries.front().executed, most = fewest, low = 1, high = 0;
  for (const Summary& summary : report.summaries) {
    fewest = std::min(fewest, summary.executed);
    most = std::max(most, summary.executed);
    low = std::min(low, summary.interval.low);
    high = std::max(high, summary.interval.high);
  }
  const double margin = std::max(0.25, 0.05 * (most - fewest));
  return {niceAxis("executed layers, mean", fewest - margin, most + margin),
          niceAxis("pass@1, %", 100 * low, 100 * high)};
}

Panel drawPanel(const std::vector<const Summary*>& set, const Report& report, const std::pair<Axis, Axis>& axes) {
  const std::vector<std::string> order = policyOrder(report);
  Panel panel{setLabel(*set.front()), ""};
  Plot plot("Accuracy against executed layers, " + panel.title, axes.first, axes.second);
  if (const Summary* standard = standardOf(set))
    plot.reference(100 * standard->accuracy, "standard program: " + percent(standard->accuracy) + " %");
  std::vector<double> pixels;
  for (const Summary* summary : set) pixels.push_back(plot.x(summary->executed));
  const std::vector<double> shifts = spread(pixels, kGap);
  for (std::size_t i = 0; i < set.size(); ++i) {
    const Summary& summary = *set[i];
    const std::string tooltip = policyLabel(summary) + ": " +
                                accuracyText(summary.right, summary.n, report.confidence) + ", " +
                                fixed(summary.executed, 2) + " executed layers; commonest first choice " +
                                summary.commonest + " (" + percent(summary.commonestShare) + " %)";
    plot.point(seriesOf(summary.policy, order), summary.executed, 100 * summary.accuracy,
               {100 * summary.interval.low, 100 * summary.interval.high}, tooltip, shifts[i]);
  }
  panel.svg = plot.svg();
  return panel;
}

}  // namespace

Figure drawAccuracyLayers(const Report& report) {
  Figure figure{"accuracy_layers", "Accuracy against executed layers",
                "Each point is a policy's first choice (pass@1) with its " + confidenceText(report.confidence) +
                    " Wilson interval. Up is better, left is cheaper. Dashes: the standard program. Points that would "
                    "cover each other are set side by side; the table has their exact place.",
                {}, {"Accuracy and executed layers",
                     {{"set", "Set"}, {"policy", "Policy"}, {"executed", "Executed layers", true},
                      {"accuracy", "pass@1 %", true},
                      {"interval", confidenceText(report.confidence) + " interval", true}}, {}}};
  if (report.summaries.empty()) return figure;
  const auto axes = sharedAxes(report);
  for (const auto& set : bySet(report)) figure.panels.push_back(drawPanel(set, report, axes));
  for (const Summary& summary : report.summaries)
    figure.data.add({setLabel(summary), policyLabel(summary), fixed(summary.executed, 2), percent(summary.accuracy),
                     percentInterval(summary.interval)});
  return figure;
}

}  // namespace polar
