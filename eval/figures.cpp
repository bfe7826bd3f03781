#include "eval/figures.h"

#include <algorithm>

#include "eval/number_text.h"

namespace polar {
namespace {

using Draw = Figure (*)(const Report&);

// A figure is a line here and a file under eval/figures/.
constexpr Draw kFigures[] = {drawAccuracyLayers, drawPassAtK, drawLevels};

}  // namespace

std::vector<Figure> drawFigures(const Report& report) {
  std::vector<Figure> figures;
  for (const Draw draw : kFigures) {
    Figure figure = draw(report);
    if (!figure.panels.empty()) figures.push_back(std::move(figure));
  }
  return figures;
}

std::vector<std::string> policyOrder(const Report& report) {
  std::vector<std::string> order;
  for (const Summary& summary : report.summaries)
    if (std::find(order.begin(), order.end(), summary.policy) == order.end()) order.push_back(summary.policy);
  return order;
}

std::size_t seriesOf(const std::string& policy, const std::vector<std::string>& order) {
  return static_cast<std::size_t>(std::find(order.begin(), order.end(), policy) - order.begin());
}

std::vector<std::vector<const Summary*>> bySet(const Report& report) {
  std::vector<std::vector<const Summary*>> sets;
  for (const Summary& summary : report.summaries) {
    const auto same = std::find_if(sets.begin(), sets.end(), [&](const auto& set) {
      return set.front()->set == summary.set && set.front()->inDistribution == summary.inDistribution;
    });
    if (same == sets.end())
      sets.push_back({&summary});
    else
      same->push_back(&summary);
  }
  return sets;
}

const Summary* standardOf(const std::vector<const Summary*>& set) {
  const auto found = std::find_if(set.begin(), set.end(), [](const Summary* one) { return one->policy == "standard"; });
  return found == set.end() ? nullptr : *found;
}

std::string accuracyText(std::int64_t right, std::int64_t n, double confidence) {
  const double share = n == 0 ? 0 : static_cast<double>(right) / static_cast<double>(n);
  return percent(share) + " % (" + std::to_string(right) + " of " + std::to_string(n) + "), " +
         confidenceText(confidence) + " interval " + percentInterval(wilson(right, n, confidence));
}

}  // namespace polar
