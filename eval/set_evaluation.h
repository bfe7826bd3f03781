// Runs policies on a set: every verdict executed, none read from stored labels.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "data/example.h"
#include "eval/evaluation_table.h"
#include "eval/policy.h"
#include "evaluation/evaluator.h"

namespace polar {

struct SetEvaluationOptions {
  int topK = 5;
  int workers = 1;
  int timedQuestions = 0;              // how many are answered once more, alone, for Row::seconds (answer_time.h)
  std::filesystem::path journal = {};  // set_journal.h: a call that was stopped goes on from it; empty = none
  std::vector<std::string> keys = {};  // PolicyResult::key of each policy; empty = their names
  Origin origin = {};                  // of this call
};

// A program that several policies propose for an example is run once; evaluations are pure, so
// this changes nothing but time. Where a policy asks for a second program, the trial is of the
// one it keeps, with the executed layers and the decoding of all that were run, and with the
// prefill of their programs together: what several begin with is counted once. So is what choosing read of the prompt
// (Policy::promptLayersRead) and a program begins with: choosing is the rest.
SetResult evaluateSet(const std::string& name, bool inDistribution, const std::vector<Example>& examples,
                      std::int64_t available, const std::vector<NamedPolicy>& policies,
                      const ProgramEvaluator& evaluator, const SetEvaluationOptions& options,
                      const std::function<bool()>& stop = {});

}  // namespace polar
