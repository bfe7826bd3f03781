// Wall-clock per answer, measured apart from the evaluation: there, questions and policies share work.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "data/example.h"
#include "eval/evaluation_table.h"
#include "eval/policy.h"
#include "evaluation/evaluator.h"

namespace polar {

// Sets Row::seconds of the first `questions` rows of every policy (policies in the set's order): choosing, answering
// with the first choice and with the second program where the policy asks for one, one question at a time on one
// thread, the reference answer not known (so never a draft). Ends early where `stop` says so: what was timed is kept.
void measureAnswerTimes(SetResult& set, const std::vector<Example>& examples, const std::vector<NamedPolicy>& policies,
                        const ProgramEvaluator& evaluator, int topK, int questions,
                        const std::function<bool()>& stop = {});

}  // namespace polar
