#include "search/rounds.h"

#include <algorithm>

namespace polar {
namespace {

class RoundStrategy final : public SearchStrategy {
 public:
  RoundStrategy(const StrategyOptions& options, std::vector<Phase> phases)
      : history_(options), phases_(std::move(phases)) {}

  std::vector<Candidate> ask(std::size_t n) override {
    std::vector<Candidate> candidates;
    while (candidates.size() < n && (next_ < round_.size() || startRound())) candidates.push_back(round_[next_++]);
    return candidates;
  }

  void tell(std::size_t order, const Program&, const Evaluation& evaluation) override {
    history_.tell(order, evaluation);
  }

  std::map<std::string, double> statistics() const override {
    std::map<std::string, double> all;
    for (const Phase& phase : phases_)
      for (const auto& [name, value] : phase.proposer->statistics()) all[name] = value;
    return all;
  }

 private:
  bool startRound() {
    if (!history_.allEvaluated()) return false;
    round_.clear();
    next_ = 0;
    const StrategyOptions& options = history_.options();
    if (history_.size() == 0 && options.budget > 0) {
      round_.push_back({Program::standard(options.depth), -1});
    } else {
      for (; phase_ < phases_.size() && round_.empty(); phase_ += round_.empty()) round_ = propose(phases_[phase_]);
    }
    for (const Candidate& candidate : round_) history_.ask(candidate.program);
    return !round_.empty();
  }

  std::vector<Candidate> propose(const Phase& phase) const {
    const StrategyOptions& options = history_.options();
    const std::int64_t left = std::min(phase.until, options.budget) - static_cast<std::int64_t>(history_.size());
    const std::int64_t n = std::min<std::int64_t>(std::max(1, options.round), left);
    if (n <= 0) return {};
    return phase.proposer->propose(history_, static_cast<std::size_t>(n));
  }

  History history_;  // a round is entered whole, before its programs are asked
  std::vector<Phase> phases_;
  std::size_t phase_ = 0;
  std::vector<Candidate> round_;
  std::size_t next_ = 0;  // in round_
};

}  // namespace

std::unique_ptr<SearchStrategy> makeRounds(const StrategyOptions& options, std::vector<Phase> phases) {
  return std::make_unique<RoundStrategy>(options, std::move(phases));
}

std::unique_ptr<SearchStrategy> makeRounds(const StrategyOptions& options, std::unique_ptr<Proposer> proposer) {
  std::vector<Phase> phases;
  phases.push_back({std::move(proposer), options.budget});
  return makeRounds(options, std::move(phases));
}

}  // namespace polar
