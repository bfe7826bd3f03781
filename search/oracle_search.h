// The oracle search: searches each example (search/example_search.h) with a ProgramEvaluator and writes labels. Resumable.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "data/example.h"
#include "evaluation/evaluator.h"
#include "search/example_search.h"
#include "search/origins.h"
#include "search/search_statistics.h"
#include "store/label_store.h"

namespace polar {

// The labels of one example, searched alone. A pure function of its inputs. `statistics`, where given, is filled.
ExampleLabels searchExample(const Example& example, const ProgramEvaluator& evaluator,
                            const OracleSearchOptions& options, SearchStatistics* statistics = nullptr);

struct SearchedExample {
  ExampleLabels labels;
  SearchStatistics statistics;
  double seconds = 0;  // wall clock, with those searched beside it
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
