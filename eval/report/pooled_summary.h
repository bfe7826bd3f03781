// Seeds of a policy pooled, and the tests of a set corrected for their number.
#pragma once

#include <vector>

#include "eval/evaluation_table.h"

namespace polar {

// Mean over seeds, and the least and most of them.
struct Spread {
  double mean = 0, least = 0, most = 0;
};

// A policy (at one price) over all its seeds, from their summaries and rows: one test, however many seeds there are.
struct PooledSummary {
  std::string set, variant;  // of the summaries' names
  bool inDistribution = false, usesAnswer = false;
  std::optional<std::int64_t> seed;  // where it is one seed's
  std::int64_t seeds = 1, n = 0;     // n: questions of each
  Spread accuracy, executed, unique, layerTokens;
  Interval interval;                // Wilson's; of one seed alone
  bool paired = false;              // as in Summary, and the five below
  double difference = 0;            // mean over seeds and questions
  Interval differenceInterval;      // one seed: Newcombe's; several: questions resampled, each with all its seeds
  double p = 1;                     // one seed: McNemar's exact; several: sign flips of questions, exact; two-sided
  std::optional<double> holmP;      // corrected for all policies of the set that do not use the answer
  std::optional<double> costRatio;  // mean over seeds
  std::vector<double> passAt;       // mean over seeds
};

// One for each policy and price of the set, in the order of their first seeds. `summaries`: summarise(set, confidence).
// Seeds answer the same questions, so a question is one observation, with as many answers as there are seeds.
std::vector<PooledSummary> poolSeeds(const SetResult& set, const std::vector<Summary>& summaries, double confidence);

}  // namespace polar
