// pass@k: how often any of a policy's first k programs is right.
#include <algorithm>
#include <cmath>

#include "eval/figures.h"
#include "eval/number_text.h"
#include "eval/plot.h"
#include "eval/report_tables.h"

namespace polar {
namespace {

std::int64_t passed(const Summary& summary, std::size_t k) {
  return std::llround(summary.passAt[k - 1] * static_cast<double>(summary.n));
}

std::string passText(const Summary& summary, std::size_t k, double confidence) {
  return policyLabel(summary) + ", pass@" + std::to_string(k) + ": " +
         accuracyText(passed(summary, k), summary.n, confidence);
}

std::pair<Axis, Axis> sharedAxes(const Report& report) {
  double low = 1, high = 0;
  for (const Summary& summary : report.summaries)
    for (const double share : summary.passAt) {
      low = std::min(low, share);
      high = std::max(high, share);
    }
  Axis x{"k: programs tried", 0.8, static_cast<double>(mostRanked(report)) + 0.2, {}};
  for (std::size_t k = 1; k <= mostRanked(report); ++k) x.ticks.push_back({static_cast<double>(k), std::to_string(k)});
  return {x, niceAxis("any of k right, %", 100 * low, 100 * high)};
}

Panel drawPanel(const std::vector<const Summary*>& set, const Report& report, const std::pair<Axis, Axis>& axes) {
  const std::vector<std::string> order = policyOrder(report);
  Panel panel{setLabel(*set.front()), ""};
  Plot plot("pass@k, " + panel.title, axes.first, axes.second);
  if (const Summary* standard = standardOf(set))
    plot.reference(100 * standard->accuracy, "standard program: " + percent(standard->accuracy) + " %");
  for (const Summary* summary : set) {
    const std::size_t series = seriesOf(summary->policy, order);
    std::vector<std::pair<double, double>> points;
    for (std::size_t k = 1; k <= summary->passAt.size(); ++k)
      points.emplace_back(static_cast<double>(k), 100 * summary->passAt[k - 1]);
    if (points.size() > 1) plot.line(series, points, policyLabel(*summary));
    for (std::size_t k = 1; k <= points.size(); ++k)
      plot.marker(series, points[k - 1].first, points[k - 1].second, passText(*summary, k, report.confidence));
  }
  panel.svg = plot.svg();
  return panel;
}

}  // namespace

Figure drawPassAtK(const Report& report) {
  Figure figure{"pass_at_k", "pass@k",
                "Share of questions that any of a policy's first k programs answers. Choosing among them would need "
                "the answer, so read a policy's pass@k beside the same k of random programs, never beside a pass@1.",
                {}, {"pass@k",
                     {{"set", "Set"}, {"policy", "Policy"}, {"k", "k", true}, {"right", "Right", true},
                      {"pass", "pass@k %", true},
                      {"interval", confidenceText(report.confidence) + " interval", true}}, {}}};
  if (mostRanked(report) < 2) return figure;
  const auto axes = sharedAxes(report);
  for (const auto& set : bySet(report)) figure.panels.push_back(drawPanel(set, report, axes));
  for (const Summary& summary : report.summaries)
    for (std::size_t k = 1; k <= summary.passAt.size(); ++k)
      figure.data.add({setLabel(summary), policyLabel(summary), std::to_string(k), std::to_string(passed(summary, k)),
                       percent(summary.passAt[k - 1]),
                       percentInterval(wilson(passed(summary, k), summary.n, report.confidence))});
  return figure;
}

}  // namespace polar
