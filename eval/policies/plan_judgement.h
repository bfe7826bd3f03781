// Choosing between a tuned plan of several runs and the standard program: by questions that the plan was not tuned on.
#pragma once

#include <functional>
#include <vector>

#include "eval/policies/run_table.h"
#include "train/value_rule.h"

namespace polar {

// Right answers minus the price of their layer-tokens, for one question.
struct Utility {
  double price = 0, unit = 1;  // layer-tokens of a standard answer
  double of(bool right, double cost) const { return (right ? 1.0 : 0.0) - price * cost / unit; }
};

// What a plan's runs on a question come to.
struct PlannedAnswer {
  bool right = false;
  double cost = 0;  // layer-tokens
};

// Tunes a plan on questions of the table, and gives what it answers to any.
using TunedPlan = std::function<PlannedAnswer(std::size_t question)>;
using TunePlan = std::function<TunedPlan(const std::vector<std::size_t>& questions, const Utility& utility)>;

// Each question is answered by the plan that was tuned on the other folds (foldOf), against the standard program. The
// rule's `standardOnly` where that brings no sure gain (bestRule), or the plan never differs from it; threshold unused.
ChoiceRule judgePlan(const RunTable& table, const std::vector<ExampleLabels>& labels, int folds, double price,
                     const TunePlan& tune);

// "out-of-fold gain +0.021 at 0.98 of its layer-tokens on 600
// labelled questions (5 folds, P(gain > 0) 0.99, needs 0.9)".
std::string judgementText(const ChoiceRule& rule);

}  // namespace polar
