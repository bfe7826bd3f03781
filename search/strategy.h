// Search strategies: pure bookkeeping behind ask/tell. No tensor, no thread, no clock.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "evaluation/evaluation.h"
#include "program/edit.h"
#include "program/program.h"

namespace polar {

// A program that a strategy wants evaluated.
struct Candidate {
  Program program;
  std::int32_t parent = -1;  // order of the candidate it was made from, or -1
};

// One strategy searches one example. The contract, checked for every listed strategy by a conformance test:
//   - the first candidate is the standard program;
//   - only programs of the edit space, none twice, at most `budget` in all;
//   - the same seed and the same tells bring the same asks, whatever n each ask was given.
class SearchStrategy {
 public:
  virtual ~SearchStrategy() = default;
  // Up to n further candidates. Fewer (even none) means: tell me what you have first, or, with nothing outstanding,
  // done.
  virtual std::vector<Candidate> ask(std::size_t n) = 0;
  // The evaluation of the `order`-th candidate ever asked (from 0). Told in the order of asking.
  virtual void tell(std::size_t order, const Program& program, const Evaluation& evaluation) = 0;
  // What the search did, by name ("tree_depth", "ucb_choices", "spearman"): for a study, never for labels. A name that
  // has no value yet is left out.
  virtual std::map<std::string, double> statistics() const { return {}; }
};

enum class TreeVariant { paper, transposition };
// What a strategy that learns is told: whether a program was right, or also the answer's log-probability.
enum class Reward { verdict, logprob };

struct StrategyOptions {
  EditSpace space;
  std::int64_t budget = 200;  // candidates, the standard program included
  int maxEdits = 1;           // edits in one program
  std::uint64_t seed = 1;     // already mixed with the example's id
  // Strategies that learn from evaluations ask this many, wait until all are told, and choose the next.
  int round = 8;
  Reward reward = Reward::logprob;
  double layerPrice = 1;  // beam, surrogate: nats that as many layers as the model has cost (History::layerPrice)
  int beamWidth = 8;      // beam: programs kept at each number of edits
  // mcts; the formulas stand in search/mcts.h
  TreeVariant treeVariant = TreeVariant::transposition;
  double logprobWeight = 0.5;
  std::optional<double> exploration = {}, lengthPenalty = {};  // c and lambda of UCB; empty: the variant's own
  double randomChild = 0;          // chance that a step down takes a random child instead of UCB's
  double optimism = 0.5;           // surrogate: standard deviations added to a prediction
  std::vector<Program> menu = {};  // menu, cascade: programs to try, best first; passed over outside the space
};

}  // namespace polar
