// ProgramEvaluator: the seam between bookkeeping (search, policies) and compute. Search labels and test verdicts come
// from the same implementation.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/example.h"
#include "evaluation/evaluation.h"
#include "program/program.h"

namespace polar {

struct PromptStart;

struct EvaluationTask {
  const Example* example = nullptr;
  Program program;
  double temperature = 0;  // 0 = greedy; see ExecutionRequest
  std::uint64_t seed = 0;
  // False: the executor does not get the reference answer, neither as a draft nor to score it
  // (answerLogprob is NaN); it decodes as for a new question. The verdict is given all the same.
  bool answerKnown = true;
  // See ExecutionRequest: of the example's prompt, it changes speed alone, and that only where the answer is not known.
  const PromptStart* start = nullptr;
};

class ProgramEvaluator {
 public:
  virtual ~ProgramEvaluator() = default;
  virtual int depth() const = 0;
  // Results in the order of the tasks; each a pure function of its task. Thread-safe: workers call it at the same time.
  virtual std::vector<Evaluation> evaluate(std::span<const EvaluationTask> tasks) const = 0;
};

}  // namespace polar
