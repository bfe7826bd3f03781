#include "search/enumerate.h"

#include <unordered_map>

namespace polar {
namespace {

class Enumerate final : public SearchStrategy {
 public:
  explicit Enumerate(const StrategyOptions& options) : options_(options), edits_(singleEdits(options.space())) {}

  std::vector<Candidate> ask(std::size_t n) override {
    std::vector<Candidate> candidates;
    while (candidates.size() < n && static_cast<std::int64_t>(orders_.size()) < options_.budget && !done_) {
      Program program = current();
      if (!orders_.contains(program)) {
        const std::int32_t parent = parentOrder();
        orders_.emplace(program, static_cast<std::int32_t>(orders_.size()));
        candidates.push_back({std::move(program), parent});
      }
      advance();
    }
    return candidates;
  }

  void tell(std::size_t, const Program&, const Evaluation&) override {}

 private:
  Program spell(std::size_t count) const {
    std::vector<Segment> chosen;
    for (std::size_t i = 0; i < count; ++i) chosen.push_back(edits_[chosen_[i]]);
    return applyEdits(chosen, options_.depth);
  }
  Program current() const { return spell(chosen_.size()); }

  // Smaller sets come first, so the parent has been asked.
  std::int32_t parentOrder() const { return chosen_.empty() ? -1 : orders_.at(spell(chosen_.size() - 1)); }

  // The next set of the same size, or the first of the next size that has any.
  void advance() {
    const std::size_t size = chosen_.size();
    if (nextOfSize()) return;
    done_ = static_cast<std::int64_t>(size) >= options_.maxEdits || !fill(size + 1, 0);
  }

  // Moves the last place that can move to its next edit, then gives the places after it the first edits that fit.
  // Leaves `chosen_` empty where none can.
  bool nextOfSize() {
    const std::size_t size = chosen_.size();
    while (!chosen_.empty()) {
      const std::size_t from = chosen_.back() + 1;
      chosen_.pop_back();
      if (fill(size, from)) return true;
    }
    return false;
  }

  // Extends `chosen_` to `size` edits, the first of the new ones at or after `from`; unchanged where there is no such
  // set. Edits are sorted by start: one overlaps those before it exactly where it overlaps the last of them.
  bool fill(std::size_t size, std::size_t from) {
    if (chosen_.size() == size) return true;
    const int missing = static_cast<int>(size - chosen_.size());
    for (std::size_t i = from; i < edits_.size(); ++i) {
      if (edits_[i].start + missing > options_.depth) return false;  // each edit takes a layer at least
      if (!chosen_.empty() && overlaps(edits_[chosen_.back()], edits_[i])) continue;
      chosen_.push_back(i);
      if (fill(size, i + 1)) return true;
      chosen_.pop_back();
    }
    return false;
  }

  StrategyOptions options_;
  std::vector<Segment> edits_;
  std::vector<std::size_t> chosen_;                   // places in edits_, ascending: the set to ask next
  std::unordered_map<Program, std::int32_t> orders_;  // what was asked, and when; never iterated
  bool done_ = false;
};

}  // namespace

std::unique_ptr<SearchStrategy> makeEnumerate(const StrategyOptions& options) {
  return std::make_unique<Enumerate>(options);
}

}  // namespace polar
