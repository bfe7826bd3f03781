// Accuracy by level of difficulty.
#include <algorithm>
#include <set>

#include "eval/figures.h"
#include "eval/number_text.h"
#include "eval/plot.h"
#include "eval/report_tables.h"

namespace polar {
namespace {

Interval levelInterval(std::int64_t right, std::int64_t n, double confidence) {
  const Interval interval = wilson(right, n, confidence);
  return {100 * interval.low, 100 * interval.high};
}

Panel drawPanel(const std::vector<const Summary*>& set, const Report& report, const std::vector<int>& levels) {
  const std::vector<std::string> order = policyOrder(report);
  Panel panel{setLabel(*set.front()), ""};
  Axis x{"level", 0, static_cast<double>(levels.size()), {}};
  for (std::size_t i = 0; i < levels.size(); ++i)
    x.ticks.push_back({static_cast<double>(i) + 0.5, std::to_string(levels[i])});
  Plot plot("Accuracy by level, " + panel.title, x, niceAxis("pass@1, %", 0, 100));
  const double slot = plot.x(1) - plot.x(0);
  const double width = 0.84 * slot / static_cast<double>(set.size());
  for (std::size_t p = 0; p < set.size(); ++p)
    for (const auto& [level, counts] : set[p]->perLevel) {
      const auto& [right, n] = counts;
      const auto place = std::find(levels.begin(), levels.end(), level) - levels.begin();
      const double left = plot.x(static_cast<double>(place)) + 0.08 * slot + width * static_cast<double>(p);
      plot.bar(seriesOf(set[p]->policy, order), left, std::max(1.0, width - 1), 100.0 * static_cast<double>(right) /
               static_cast<double>(n), levelInterval(right, n, report.confidence),
               policyLabel(*set[p]) + ", level " + std::to_string(level) + ": " +
                   accuracyText(right, n, report.confidence));
    }
  panel.svg = plot.svg();
  return panel;
}

}  // namespace

Figure drawLevels(const Report& report) {
  Figure figure{"levels", "Accuracy by level",
                "First choices (pass@1) with " + confidenceText(report.confidence) +
                    " Wilson intervals, by the level that the data set gives its questions.",
                {}, {"Accuracy by level",
                     {{"set", "Set"}, {"policy", "Policy"}, {"level", "Level", true}, {"n", "n", true},
                      {"right", "Right", true}, {"accuracy", "pass@1 %", true},
                      {"interval", confidenceText(report.confidence) + " interval", true}}, {}}};
  for (const auto& set : bySet(report)) {
    std::set<int> levels;
    for (const Summary* summary : set)
      for (const auto& entry : summary->perLevel) levels.insert(entry.first);
    if (levels.empty()) continue;
    figure.panels.push_back(drawPanel(set, report, {levels.begin(), levels.end()}));
    for (const Summary* summary : set)
      for (const auto& [level, counts] : summary->perLevel)
        figure.data.add({setLabel(*summary), policyLabel(*summary), std::to_string(level),
                         std::to_string(counts.second), std::to_string(counts.first),
                         percent(static_cast<double>(counts.first) / static_cast<double>(counts.second)),
                         percentInterval(wilson(counts.first, counts.second, report.confidence))});
  }
  return figure;
}

}  // namespace polar
