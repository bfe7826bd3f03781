#include "search/history.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace polar {

std::optional<std::int32_t> History::find(const Program& program) const {
  const auto at = orders_.find(program);
  if (at == orders_.end()) return std::nullopt;
  return at->second;
}

void History::ask(const Program& program) {
  auto edits = editsOf(program, options_.space());
  if (!edits) throw std::logic_error("a strategy asked for a program outside its space: " + program.text());
  if (!orders_.emplace(program, static_cast<std::int32_t>(entries_.size())).second)
    throw std::logic_error("a strategy asked twice for " + program.text());
  entries_.push_back({program, std::move(*edits)});
}

void History::tell(std::size_t order, const Evaluation& evaluation) {
  if (order != evaluated_ || order >= entries_.size())
    throw std::logic_error("evaluations must come in the order of asking");
  Entry& entry = entries_[evaluated_++];
  entry.right = evaluation.right();
  anyRight_ = anyRight_ || entry.right;
  if (options_.fromVerdictsAlone()) {
    entry.logprob = entry.right ? 0 : kUnscored;
    return;
  }
  const double logprob = static_cast<double>(evaluation.answerLogprob);
  entry.logprob = std::isnan(logprob) ? kFloor : std::max(kFloor, logprob);
}

double History::score(std::size_t order) const {
  const Entry& entry = entries_[order];
  return (entry.right ? kRight : 0) + entry.logprob -
         layerPrice() * entry.program.executed() / std::max(1, options_.depth);
}

bool allowed(const std::vector<Segment>& edits, const StrategyOptions& options) {
  if (static_cast<std::int64_t>(edits.size()) > options.maxEdits) return false;
  return std::all_of(edits.begin(), edits.end(),
                     [&](const Segment& edit) { return edit.op == SegmentOp::skip ? options.skips : options.repeats; });
}

std::optional<std::vector<Segment>> withEdit(const std::vector<Segment>& edits, const Segment& more) {
  for (const Segment& edit : edits)
    if (overlaps(edit, more)) return std::nullopt;
  std::vector<Segment> result = edits;
  result.insert(std::upper_bound(result.begin(), result.end(), more), more);
  return result;
}

std::vector<Segment> rankEdits(const History& history, std::vector<Segment> edits) {
  std::vector<std::pair<double, Segment>> ranked;
  for (const Segment& edit : edits) {
    const auto order = history.find(applyEdits(std::vector<Segment>{edit}, history.options().depth));
    ranked.emplace_back(history.score(static_cast<std::size_t>(order.value_or(0))), edit);
  }
  std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::transform(ranked.begin(), ranked.end(), edits.begin(), [](const auto& each) { return each.second; });
  return edits;
}

}  // namespace polar
