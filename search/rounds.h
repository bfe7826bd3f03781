// Strategies that learn ask in rounds: a fixed number of programs, then nothing until all of them are evaluated. So
// what they ask does not depend on how many programs a caller takes at a time, nor on when it answers.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "search/history.h"
#include "search/strategy.h"

namespace polar {

// Chooses the programs of one round.
class Proposer {
 public:
  virtual ~Proposer() = default;
  // Up to n programs that are allowed and not in `history`, none twice; parents are orders in it. All of its programs
  // are evaluated, those of other proposers too; the first is the standard program. None: nothing left.
  virtual std::vector<Candidate> propose(const History& history, std::size_t n) = 0;
  virtual std::map<std::string, double> statistics() const { return {}; }
};

struct Phase {
  std::unique_ptr<Proposer> proposer;
  std::int64_t until = 0;  // the next phase begins after this many candidates, counted over all phases
};

// The standard program, then the phases, each until its mark (`until`) or until it has nothing left.
std::unique_ptr<SearchStrategy> makeRounds(const StrategyOptions& options, std::vector<Phase> phases);

// One phase for the whole budget.
std::unique_ptr<SearchStrategy> makeRounds(const StrategyOptions& options, std::unique_ptr<Proposer> proposer);

}  // namespace polar
