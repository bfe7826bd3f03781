// polar eval: every policy on every set. Rows that earlier calls made of the same
// keys are taken over, so that a policy that is added costs its own runs alone.
#pragma once

#include <vector>

#include "config/experiment.h"
#include "eval/policies/policies.h"
#include "stages/run_folder.h"
#include "stages/session.h"

namespace polar {

// What policies are made from, as the config says, with the run's own seed and the first
// layer price. Labels and what was trained are to be added. `session` must outlive it.
PolicyContext policyContext(const Session& session);

// Those of `eval.policies`, each for its seeds and prices; `oracle` alone needs the answers of the set and runs in
// distribution only.
std::vector<PolicyVariant> evaluatedPolicies(const ExperimentConfig& config, bool inDistribution);

// InputError where `eval.primary_sets` names no test set, and where `eval.primary` is no
// policy that can be compared with the standard program, or is listed in `eval.policies`
// with other prices. One that is not listed may be added by a later call.
void requirePrimary(const ExperimentConfig& config);

// Runs the policies on the sets under test: those whose rows are not there yet.
void evalStage(const Session& session, const RunPaths& paths, Start start, RunLock& lock);

}  // namespace polar
