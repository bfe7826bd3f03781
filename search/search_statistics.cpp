#include "search/search_statistics.h"

#include <algorithm>

#include "search/origins.h"

namespace polar {

SearchStatistics statisticsOf(const std::vector<LabelledProgram>& programs, const EditSpace& space,
                              SearchStatistics own) {
  SearchStatistics statistics = std::move(own);
  if (programs.empty()) return statistics;
  double severalEdits = 0, proposed = 0;
  const LabelledProgram* first = nullptr;
  int best = 0;
  for (const LabelledProgram& each : programs) {
    if (each.origin != kMinimiseOrigin && each.origin != kStandardOrigin) {
      const auto edits = editsOf(each.program, space);
      severalEdits += edits && edits->size() > 1;
      ++proposed;
    }
    if (!each.evaluation.right()) continue;
    best = first ? std::min(best, each.program.executed()) : each.program.executed();
    if (!first) first = &each;
  }
  const bool standard = programs.front().evaluation.right();
  statistics["evaluations"] = static_cast<double>(programs.size());
  statistics["found"] = first != nullptr;
  statistics["standard_right"] = standard;
  if (!standard) statistics["rescued"] = first != nullptr;
  if (first) statistics["best_executed"] = best;
  if (first && !standard) statistics["first_valid"] = first->order + 1.0;
  if (proposed > 0) statistics["multi_edit_share"] = severalEdits / proposed;
  return statistics;
}

void MeanStatistics::add(const SearchStatistics& statistics) {
  for (const auto& [name, value] : statistics) {
    sums_[name] += value;
    ++counts_[name];
  }
}

SearchStatistics MeanStatistics::means() const {
  SearchStatistics means = sums_;
  for (auto& [name, value] : means) value /= counts_.at(name);
  return means;
}

}  // namespace polar
