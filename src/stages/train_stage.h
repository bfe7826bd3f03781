// Training: the predictor and the value model, one of each a seed.
#pragma once

#include <memory>
#include <vector>

#include "stages/session.h"
#include "stages/stages.h"
#include "eval/policies/policies.h"

namespace polar {

// The seeds of `train.seeds`; the run's own where none is given.
std::vector<std::uint64_t> trainingSeeds(const ExperimentConfig& config);

// predictor/ for the run's own seed, predictor/seed-N/ for others.
std::filesystem::path predictorFolder(const ExperimentConfig& config, const RunPaths& paths, std::uint64_t seed);

bool wantsPolicy(const ExperimentConfig& config, const std::string& policy);

// As `train.encoder` says.
std::shared_ptr<const QuestionEncoder> configuredEncoder(const Session& session);
// What the value model reads: the states of `train.value.layers`, or the embedding model's.
std::shared_ptr<const QuestionFeatures> configuredFeatures(const Session& session);

// `context` with a seed and what `policy` needs that was trained by it, if anything. InputError where it was not trained.
PolicyContext trainedContext(const Session& session, const RunPaths& paths, PolicyContext context,
                             const std::string& policy, std::uint64_t seed);

// A context for each seed: `context` with that seed and what was trained by it. InputError where it was not trained.
std::vector<PolicyContext> trainedContexts(const Session& session, const RunPaths& paths, PolicyContext context);

// What was trained for a policy by a seed: the SHA-256 of the descriptions of its files, which name the weights' own; empty
// for a policy that nothing is trained for.
std::string trainedDigest(const ExperimentConfig& config, const RunPaths& paths, const std::string& policy,
                          std::uint64_t seed);

}  // namespace polar
