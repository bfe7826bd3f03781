// polar train: what the config's policies need, one of each a seed.
#pragma once

#include <string>
#include <vector>

#include "stages/trained_artefacts.h"

namespace polar {

void trainStage(const Session& session, const RunPaths& paths, Start start, RunLock& lock);

// `context` with a seed and what `policy` needs that was trained by
// it, if anything. InputError where it was not trained.
PolicyContext trainedContext(const Session& session, const RunPaths& paths, PolicyContext context,
                             const std::string& policy, std::uint64_t seed);

// A context for each seed: `context` with that seed and what was trained by it. InputError where it was not trained.
std::vector<PolicyContext> trainedContexts(const Session& session, const RunPaths& paths, PolicyContext context);

// What was trained for a policy by a seed: the SHA-256 of the descriptions of its files,
// which name the weights' own; empty for a policy that nothing is trained for.
std::string trainedDigest(const ExperimentConfig& config, const RunPaths& paths, const std::string& policy,
                          std::uint64_t seed);

}  // namespace polar
