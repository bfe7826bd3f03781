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

struct OracleSearchOptions {
  std::string strategy = "enumerate";
  StrategyOptions strategyOptions;   // seed: the run's; mixed with each example's id
  int samples = 0;                   // temperature samples of the standard program, stored with origin "sample"
  double sampleTemperature = 0.7;
  double validationFraction = 0.25;  // split column, by question hash
  std::uint64_t seed = 1;
  int workers = 1;                   // TBB workers, an example each
  int partExamples = 64;
};

// Searches one example: labels in asking order, the standard program first, then samples. A pure function of its inputs.
ExampleLabels searchExample(const Example& example, const ProgramEvaluator& evaluator, const OracleSearchOptions& options);

// Searches the examples that `writer` has not committed, in order, on `workers` threads; commits a part every
// `partExamples`. Checks `stop` between examples: what is finished is committed, then Stopped is thrown.
void runOracleSearch(const std::vector<Example>& examples, const ProgramEvaluator& evaluator,
                     const OracleSearchOptions& options, LabelWriter& writer, const std::function<bool()>& stop = {});

}  // namespace polar
