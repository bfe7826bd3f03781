// The makers behind eval/policies.cpp, each in a file of its own name. All throw InputError where the context lacks
// what the policy needs.
#pragma once

#include <memory>

#include "eval/policy.h"

namespace polar {

// The standard program, always.
std::unique_ptr<Policy> makeStandardPolicy(const PolicyContext& context);

// Programs drawn from the edit space by a stream of the example's own: the chance column beside any pass@k. The first
// choice is random as well.
std::unique_ptr<Policy> makeRandomPolicy(const PolicyContext& context);

// One fixed ranking for all examples: by share right on the validation labels, among the programs that were run on
// every validation example; then fewer executed layers; then text form.
std::unique_ptr<Policy> makeStaticPolicy(const PolicyContext& context);

// What the trained predictor proposes, in its order.
std::unique_ptr<Policy> makePredictorPolicy(const PolicyContext& context);

// The programs that the labels of the very example call right, fewest executed layers first, then text form; else the
// standard program. Uses the answer: an upper bound, not a method.
std::unique_ptr<Policy> makeOraclePolicy(const PolicyContext& context);

}  // namespace polar
