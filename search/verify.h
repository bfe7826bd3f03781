// polar search --verify n: are stored labels the same when they are run again, in other batches?
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "evaluation/evaluator.h"
#include "store/label_store.h"

namespace polar {

struct VerifyOptions {
  std::size_t count = 0;   // labels to run again; all where there are fewer
  std::uint64_t seed = 1;  // chooses them, their order and the batches
  int workers = 1;         // threads
};

struct Difference {
  std::string example;
  Program program;
  Evaluation stored, again;
};

struct VerifyResult {
  std::size_t checked = 0, stored = 0, batches = 0;
  std::size_t flips = 0, logprobs = 0, margins = 0;  // labels whose verdict, answer_logprob, margin differ in any bit
  std::vector<Difference> differences;               // in the order of the file

  // Upper bound of the share of flips at 95 %: Wilson's, or without any flip the rule of three, 3 / n (Hanley and
  // Lippman-Hand 1983).
  double flipBound() const;
  std::string text() const;
};

// Runs `count` labels of the search again (temperature samples are left out). They are drawn from all examples,
// shuffled, and cut into batches of 1 to 64 programs of mixed examples, as no search does. Checks `stop` between
// batches; then throws Stopped.
VerifyResult verifyLabels(const LabelFile& labels, const ProgramEvaluator& evaluator, const VerifyOptions& options,
                          const std::function<bool()>& stop = {});

}  // namespace polar
