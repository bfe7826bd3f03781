// The search of one question as an object that asks and is answered, so that one thread can hold several at a time
// (search/side_by_side.h).
//
// Its phases:
//   strategy        the standard program first, then what it proposes; where `minimise` is set, it leaves
//                   Minimiser::reserve evaluations of the budget
//   minimise        found programs lose edits as long as they stay right (search/minimise.h)
//   strategy again  with what the minimiser has not used
//   samples         of the standard program at a temperature
// Labels are in the order of asking. What the minimiser evaluated is not evaluated again for the strategy.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "config/experiment.h"
#include "data/example.h"
#include "evaluation/evaluator.h"
#include "search/menu.h"
#include "search/minimise.h"
#include "search/search_statistics.h"
#include "search/strategy.h"
#include "store/label_store.h"

namespace polar {

// The config's settings, and what a search reads beside them.
struct OracleSearchOptions {
  SearchSettings search;
  double validationFraction = DataSettings().validationFraction;
  std::uint64_t seed = 1;            // of the run; each example draws from Random(seed, id)
  int workers = 1;                   // TBB workers, a group of examples each; changes speed alone
  std::shared_ptr<const Menu> menu;  // read from search.menu
};

class ExampleSearch {
 public:
  // `example` and `options` must outlive it. depth: of the evaluator.
  ExampleSearch(const Example& example, int depth, const OracleSearchOptions& options);

  // What to evaluate next; tell() must follow with all results. None: done, now and at every later call.
  std::vector<EvaluationTask> ask();
  // The results of the last ask(), in its order; any other number is a std::logic_error.
  void tell(std::vector<Evaluation> evaluations);
  bool done() const { return phase_ == Phase::done; }

  // Once done.
  const SearchStatistics& statistics() const { return statistics_; }
  ExampleLabels takeLabels() { return std::move(labels_); }

 private:
  enum class Phase { strategy, minimise, strategyAgain, samples, done };

  std::vector<Candidate> propose();
  std::vector<Candidate> fromStrategy(std::int64_t until);
  std::vector<EvaluationTask> label(const std::vector<Candidate>& candidates);
  std::int32_t parentOf(const Candidate& candidate) const;
  void report();
  void endPhase();
  std::vector<EvaluationTask> samples();

  const Example& example_;
  const OracleSearchOptions& options_;
  StrategyOptions own_;
  std::unique_ptr<SearchStrategy> strategy_;
  std::int64_t kept_;  // evaluations for the minimiser
  std::optional<Minimiser> minimiser_;
  Phase phase_ = Phase::strategy;
  ExampleLabels labels_;
  std::unordered_map<Program, std::size_t> known_;  // order in the labels; never iterated
  std::size_t open_ = 0;                            // labels at the end that wait for their evaluations
  std::vector<Candidate> asked_;                    // of this phase, not reported yet
  std::vector<Program> strategyAsked_;              // in the strategy's own order
  SearchStatistics statistics_;
};

}  // namespace polar
