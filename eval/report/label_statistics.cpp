#include "eval/report/label_statistics.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <unordered_map>

#include "program/edit.h"

namespace polar {
namespace {

// The one edit of a program; nothing for the standard program and for those of several edits.
class SingleEdits {
 public:
  explicit SingleEdits(int depth) : space_{depth} {}

  const std::optional<Segment>& of(const Program& program) {
    const auto [known, isNew] = edits_.try_emplace(program);
    if (isNew) {
      const auto edits = editsOf(program, space_);
      if (edits && edits->size() == 1) known->second = edits->front();
    }
    return known->second;
  }

 private:
  EditSpace space_;
  std::unordered_map<Program, std::optional<Segment>> edits_;  // only ever looked up
};

using Place = std::tuple<int, int, int>;  // start, length, times

// The order of the first right program, and of the first right one that is shorter than the model.
struct FirstRight {
  std::optional<std::uint32_t> any, shorter;
  std::optional<int> fewestLayers;
};

void keepLess(std::optional<std::uint32_t>& least, std::uint32_t value) {
  least = std::min(value, least.value_or(value));
}

// 1, 2, 3, … then every few: a curve of a thousand evaluations needs no thousand points.
std::vector<std::int64_t> steps(std::int64_t last) {
  std::vector<std::int64_t> chosen;
  for (std::int64_t at = 1; at < last; at += std::max<std::int64_t>(1, at / 12)) chosen.push_back(at);
  if (last > 0) chosen.push_back(last);
  return chosen;
}

class Split {
 public:
  Split(const std::string& name, int depth) : edits_(depth) {
    statistics_.split = name;
    statistics_.depth = depth;
  }

  const std::string& name() const { return statistics_.split; }

  void add(const ExampleLabels& labels) {
    const bool standard = labels.standardVerdict == Verdict::right;
    FirstRight first;
    for (const LabelledProgram& each : labels.programs) {
      if (each.isSample()) continue;
      last_ = std::max(last_, static_cast<std::int64_t>(each.order) + 1);
      tally(each, standard);
      if (each.evaluation.right()) note(each, first);
    }
    ++statistics_.questions;
    firsts_.push_back(first);
    if (first.fewestLayers) ++(standard ? lengths_[*first.fewestLayers].first : lengths_[*first.fewestLayers].second);
  }

  LabelStatistics finish() {
    for (auto& [place, edit] : tolerance_) statistics_.edits.push_back(std::move(edit));
    for (const std::int64_t evaluations : steps(last_)) statistics_.cost.push_back(costAt(evaluations));
    for (const auto& [layers, counts] : lengths_) statistics_.shortest.push_back({layers, counts.first, counts.second});
    return std::move(statistics_);
  }

 private:
  void tally(const LabelledProgram& labelled, bool standard) {
    const std::optional<Segment>& edit = edits_.of(labelled.program);
    if (!edit) return;
    EditTolerance& own = tolerance_[{edit->start, edit->length, edit->times}];
    if (own.program.empty()) own.edit = *edit, own.program = labelled.program.text();
    ++(standard ? own.keptOf : own.gainedOf);
    if (labelled.evaluation.right()) ++(standard ? own.kept : own.gained);
  }

  void note(const LabelledProgram& right, FirstRight& first) const {
    const int layers = right.program.executed();
    keepLess(first.any, right.order);
    if (layers < statistics_.depth) keepLess(first.shorter, right.order);
    first.fewestLayers = std::min(layers, first.fewestLayers.value_or(layers));
  }

  SearchCost costAt(std::int64_t evaluations) const {
    SearchCost cost{evaluations, 0, 0};
    for (const FirstRight& first : firsts_) {
      cost.found += first.any && *first.any < evaluations;
      cost.foundShorter += first.shorter && *first.shorter < evaluations;
    }
    return cost;
  }

  LabelStatistics statistics_;
  SingleEdits edits_;
  std::map<Place, EditTolerance> tolerance_;
  std::map<int, std::pair<std::int64_t, std::int64_t>> lengths_;  // layers → standard right, rescued
  std::vector<FirstRight> firsts_;
  std::int64_t last_ = 0;
};

}  // namespace

std::vector<LabelStatistics> labelStatistics(const std::vector<ExampleLabels>& labels, int depth) {
  std::vector<Split> splits;
  for (const ExampleLabels& example : labels) {
    auto split =
        std::find_if(splits.begin(), splits.end(), [&](const Split& one) { return one.name() == example.split; });
    if (split == splits.end()) split = splits.emplace(splits.end(), example.split, depth);
    split->add(example);
  }
  std::sort(splits.begin(), splits.end(), [](const Split& a, const Split& b) { return a.name() < b.name(); });
  std::vector<LabelStatistics> statistics;
  for (Split& split : splits) statistics.push_back(split.finish());
  return statistics;
}

}  // namespace polar
