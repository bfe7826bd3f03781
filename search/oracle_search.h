// The oracle search: searches every example (search/example_search.h) and writes labels. It can be resumed.
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

// The labels of one example, searched alone. A pure function of its inputs. Fills `statistics` where given.
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
  std::function<void(const SearchedExample&)> question;  // each example before it is committed, in order
  std::function<void(const SearchSummary&)> end;         // once, also after a stop; not where nothing was left to do
};

// Searches the examples that `writer` has not committed, in order, on `workers` threads; commits a part every
// `partExamples` examples. A worker searches groups of up to four examples side by side. Between groups it checks
// `stop` (on one thread at a time): then the groups in hand are finished and committed, and Stopped is thrown. What the
// evaluator throws is thrown here; committed parts stay. Progress goes to stderr.
SearchSummary runOracleSearch(const std::vector<Example>& examples, const ProgramEvaluator& evaluator,
                              const OracleSearchOptions& options, LabelWriter& writer,
                              const std::function<bool()>& stop = {}, const SearchObserver& observe = {});

}  // namespace polar
