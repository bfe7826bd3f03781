// The oracle search: drives one strategy per example against a ProgramEvaluator and writes labels. Resumable.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "data/example.h"
#include "evaluation/evaluator.h"
#include "search/menu.h"
#include "search/strategy.h"
#include "store/label_store.h"

namespace polar {

// Origins written beside the name of the strategy.
inline constexpr const char* kStandardOrigin = "standard";  // the standard program, asked first by every strategy
inline constexpr const char* kMinimiseOrigin = "minimise";  // a found program without one of its edits

// What searches did, by name: for studies, never part of the labels. Beside the strategy's own
// (SearchStrategy::statistics):
//   found               1 where any program is right, else 0
//   standard_right      … where the standard program is
//   rescued             of those where it is not: 1 where any program is right
//   first_valid         where rescued: evaluations up to and with the first right program
//   best_executed       where found: executed layers of the shortest right program
//   multi_edit_share    share of the strategy's programs with two edits or more
//   evaluations         programs evaluated, minimisation included, samples not
using SearchStatistics = std::map<std::string, double>;

struct OracleSearchOptions {
  std::string strategy = "enumerate";
  // Its seed and its space's depth are not read: each example gets Random(seed, id), and the depth is the evaluator's.
  // So is its menu: each example gets that of `menu`, where there is one.
  StrategyOptions strategyOptions;
  std::shared_ptr<const Menu> menu;
  // Minimiser::reserve evaluations before the budget's end, the shortest found programs with several edits lose one
  // edit after another as long as they stay right; the strategy goes on with what that leaves over.
  bool minimise = false;
  int samples = 0;                   // temperature samples of the standard program, stored with origin "sample"
  double sampleTemperature = 0.7;
  double validationFraction = 0.25;  // split column, by question hash
  std::uint64_t seed = 1;
  int workers = 1;                   // TBB workers, an example each; changes speed alone
  int partExamples = 64;             // changes nothing but how many examples a kill can lose
};

// Searches one example: labels in asking order, the standard program first, then samples (order goes on, parent is the
// standard program). A pure function of its inputs. `statistics`, where given, is filled.
ExampleLabels searchExample(const Example& example, const ProgramEvaluator& evaluator,
                            const OracleSearchOptions& options, SearchStatistics* statistics = nullptr);

struct SearchedExample {
  ExampleLabels labels;
  SearchStatistics statistics;
  double seconds = 0;  // wall clock; with others beside it
};

// What a call did, of the examples searched in it.
struct SearchSummary {
  SearchStatistics means;  // of each statistic over the examples that have it
  std::int64_t questions = 0;
  std::int64_t evaluations = 0;  // samples included
  double seconds = 0;            // wall clock
  double writing = 0;            // of these: writing parts
};

struct SearchObserver {
  std::function<void(const SearchedExample&)> question;  // in the order of the examples, each before it is committed
  std::function<void(const SearchSummary&)> end;         // once, also where stopped; not where all was done before
};

// Searches the examples that `writer` has not committed, in order, on `workers` threads; commits a part every
// `partExamples`. Checks `stop` (from one thread at a time) between groups of up to four examples, which a worker
// searches side by side: what is finished is committed, then Stopped is thrown. Progress goes to stderr.
SearchSummary runOracleSearch(const std::vector<Example>& examples, const ProgramEvaluator& evaluator,
                              const OracleSearchOptions& options, LabelWriter& writer,
                              const std::function<bool()>& stop = {}, const SearchObserver& observe = {});

}  // namespace polar
