// Which policies an evaluation runs on a set.
#pragma once

#include <vector>

#include "config/experiment.h"
#include "eval/policies/policies.h"

namespace polar {

// Those of `eval.policies`, each for its seeds and prices; `oracle` alone needs the answers of the set and runs in
// distribution only.
std::vector<PolicyVariant> evaluatedPolicies(const ExperimentConfig& config, bool inDistribution);

}  // namespace polar
