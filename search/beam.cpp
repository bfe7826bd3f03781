#include "search/beam.h"

#include <algorithm>

#include "search/rounds.h"
#include "support/random.h"

namespace polar {
namespace {

struct Parent {
  std::size_t order = 0;
  std::size_t next = 0;  // in the level's edits
};

class Beam final : public Proposer {
 public:
  explicit Beam(const StrategyOptions& options) : options_(options), edits_(singleEdits(options.space())) {
    Random(options.seed).shuffle(edits_);
    levels_ = std::max(0, std::min(options.maxEdits, options.depth));
  }

  std::vector<Candidate> propose(const History& history, std::size_t n) override {
    std::vector<Candidate> candidates;
    if (levels_ == 0) return candidates;
    // After a whole cycle of levels without a new program, the beam has nothing left.
    for (int barren = 0; candidates.empty() && barren <= levels_; ++barren) {
      if (parents_.empty() || history.size() >= until_) startLevel(history);
      takeTurns(history, n, candidates);
    }
    return candidates;
  }

 private:
  void startLevel(const History& history) {
    level_ = level_ >= levels_ ? 1 : level_ + 1;
    const std::int64_t left = options_.budget - static_cast<std::int64_t>(history.size());
    const std::int64_t levelsLeft = std::max(1, levels_ - level_ + 1);
    until_ = history.size() + static_cast<std::size_t>((left + levelsLeft - 1) / levelsLeft);
    ranked_ = rankEdits(history, edits_);
    parents_.clear();
    for (std::size_t order = 0; order < history.size(); ++order)
      if (static_cast<int>(history[order].edits.size()) == level_ - 1) parents_.push_back({order});
    std::stable_sort(parents_.begin(), parents_.end(),
                     [&](const Parent& a, const Parent& b) { return history.score(a.order) > history.score(b.order); });
    parents_.resize(std::min(parents_.size(), static_cast<std::size_t>(std::max(1, options_.beamWidth))));
  }

  void takeTurns(const History& history, std::size_t n, std::vector<Candidate>& candidates) {
    const std::size_t most = std::min(n, until_ - history.size());
    while (!parents_.empty() && candidates.size() < most) {
      turn_ %= parents_.size();
      if (giveEdit(history, parents_[turn_], candidates))
        ++turn_;
      else
        parents_.erase(parents_.begin() + static_cast<std::ptrdiff_t>(turn_));
    }
  }

  // The parent's next edit that makes a new program; false where there is none.
  bool giveEdit(const History& history, Parent& parent, std::vector<Candidate>& candidates) const {
    while (parent.next < ranked_.size()) {
      const auto edits = withEdit(history[parent.order].edits, ranked_[parent.next++]);
      if (!edits) continue;
      Program program = applyEdits(*edits, options_.depth);
      const auto same = [&](const Candidate& each) { return each.program == program; };
      if (history.find(program) || std::any_of(candidates.begin(), candidates.end(), same)) continue;
      candidates.push_back({std::move(program), static_cast<std::int32_t>(parent.order)});
      return true;
    }
    return false;
  }

  StrategyOptions options_;
  std::vector<Segment> edits_;   // in an order of the seed's
  std::vector<Segment> ranked_;  // for this level
  int levels_ = 0, level_ = 0;   // level: edits of the programs being asked
  std::size_t until_ = 0;        // programs asked in all where the level ends
  std::vector<Parent> parents_;
  std::size_t turn_ = 0;
};

}  // namespace

std::unique_ptr<SearchStrategy> makeBeam(const StrategyOptions& options) {
  return makeRounds(options, std::make_unique<Beam>(options));
}

}  // namespace polar
