// The oracle search: drives one strategy per example against a ProgramEvaluator and writes labels. Resumable.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "data/example.h"
#include "evaluation/evaluator.h"
#include "search/strategy.h"
#include "store/label_store.h"

namespace polar {

// Origins written beside the name of the strategy.
inline constexpr const char* kStandardOrigin = "standard";  // the standard program, asked first by every strategy
inline constexpr const char* kSampleOrigin = "sample";      // a temperature sample of it: not a program of the search

struct OracleSearchOptions {
  std::string strategy = "enumerate";
  // Its seed and its space's depth are not read: each example gets Random(seed, id), and the depth is the evaluator's.
  StrategyOptions strategyOptions;
  int samples = 0;                   // temperature samples of the standard program, stored with origin "sample"
  double sampleTemperature = 0.7;
  double validationFraction = 0.25;  // split column, by question hash
  std::uint64_t seed = 1;
  int workers = 1;                   // TBB workers, an example each; changes speed alone
  int partExamples = 64;             // changes nothing but how many examples a kill can lose
};

// Searches one example: labels in asking order, the standard program first, then samples (order goes on, parent is the
// standard program). A pure function of its inputs.
ExampleLabels searchExample(const Example& example, const ProgramEvaluator& evaluator,
                            const OracleSearchOptions& options);

// Searches the examples that `writer` has not committed, in order, on `workers` threads; commits a part every
// `partExamples`. Checks `stop` (from one thread at a time) between examples: what is finished is committed, then
// Stopped is thrown. Progress goes to stderr.
void runOracleSearch(const std::vector<Example>& examples, const ProgramEvaluator& evaluator,
                     const OracleSearchOptions& options, LabelWriter& writer, const std::function<bool()>& stop = {});

}  // namespace polar
