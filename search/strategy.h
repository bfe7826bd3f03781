// Search strategies: pure bookkeeping with two calls, ask and tell. No tensor, no thread, no clock.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "config/experiment.h"
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
//   - every program that one edit reaches, where the budget allows it;
//   - the same seed and the same evaluations give the same candidates, for any n of each ask.
class SearchStrategy {
 public:
  virtual ~SearchStrategy() = default;
  // Up to n further candidates. Fewer (even none) means: it needs the evaluations of earlier ones first or, where it
  // has all of them, it is done.
  virtual std::vector<Candidate> ask(std::size_t n) = 0;
  // The evaluation of the candidate that was asked as number `order`, from 0. In the order of asking.
  virtual void tell(std::size_t order, const Program& program, const Evaluation& evaluation) = 0;
  // What the search did, by name ("tree_depth", "ucb_choices", "spearman"): for a study, never for labels. A name
  // without a value yet is left out.
  virtual std::map<std::string, double> statistics() const { return {}; }
};

// The programs that a config lets a search write, for a model of this depth.
inline EditSpace editSpace(const SearchSettings& settings, int depth) {
  return {depth, settings.maxLength, settings.maxTimes, settings.skips, settings.repeats};
}

// What a strategy is made from: the config's settings, and what no config holds.
struct StrategyOptions : SearchSettings {
  int depth = 0;                       // of the model
  std::uint64_t seed = 1;              // already mixed with the example's id
  std::vector<Program> programs = {};  // read from `menu`, best first; those outside the space are passed over

  EditSpace space() const { return editSpace(*this, depth); }
  bool fromVerdictsAlone() const { return reward == "verdict"; }
};

}  // namespace polar
