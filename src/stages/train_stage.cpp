#include "stages/train_stage.h"

#include <algorithm>

#include "support/error.h"
#include "support/files.h"
#include "support/hash.h"

namespace polar {
namespace {

namespace fs = std::filesystem;

// The record of each artefact holds what it depends on.
StageRecord trainingRecord(const Training& training, const TrainedArtefact& artefact, std::uint64_t seed, Start start) {
  const ExperimentConfig& config = training.session.config();
  StageKeys keys;
  for (const auto& [key, text] : resultKeys(config, Stage::train))
    if (!key.starts_with("train.") || artefact.dependsOn(key)) keys[key] = text;
  keys["(labels)"] = training.labels.provenance.fingerprint;
  keys["(seed)"] = std::to_string(seed);
  const std::string ofSeed = seed == config.seed ? "" : "-seed-" + std::to_string(seed);
  return recordOf(training.paths, artefact.record + ofSeed, std::move(keys), start);
}

struct Step {
  const TrainedArtefact* artefact;
  std::uint64_t seed;
  StageRecord record;
};

// Labels that cannot be trained on are seen only by training: such a call must not bind the next one to its keys.
void run(Step& step, const Training& training) {
  if (step.record.done()) return;
  const bool claimed = step.record.claim();
  try {
    step.artefact->train(training, step.seed);
  } catch (const InputError&) {
    if (claimed) StageRecord::remove(training.paths.run, step.record.stage());
    throw;
  }
  step.record.markDone();
}

}  // namespace

PolicyContext trainedContext(const Session& session, const RunPaths& paths, PolicyContext context,
                             const std::string& policy, std::uint64_t seed) {
  context.seed = seed;
  if (const TrainedArtefact* artefact = trainedFor(policy))
    artefact->load(session, predictorFolder(session.config(), paths, seed), context);
  return context;
}

std::vector<PolicyContext> trainedContexts(const Session& session, const RunPaths& paths, PolicyContext context) {
  std::vector<PolicyContext> contexts;
  for (const std::uint64_t seed : trainingSeeds(session.config())) {
    for (const std::string& policy : session.config().eval.policies)
      context = trainedContext(session, paths, context, policy, seed);
    contexts.push_back(context);
  }
  return contexts;
}

std::string trainedDigest(const ExperimentConfig& config, const RunPaths& paths, const std::string& policy,
                          std::uint64_t seed) {
  const TrainedArtefact* artefact = trainedFor(policy);
  if (!artefact) return "";
  std::string digests;
  for (const std::string& name : artefact->descriptions) {
    const fs::path file = predictorFolder(config, paths, seed) / name;
    digests += fs::exists(file) ? sha256File(file) : "none";
  }
  return sha256(digests);
}

void trainStage(const Session& session, const RunPaths& paths, Start start, RunLock& lock) {
  const ExperimentConfig& config = session.config();
  const auto isWanted = [&](const TrainedArtefact& artefact) { return wantsPolicy(config, artefact.policy); };
  if (std::ranges::none_of(trainedArtefacts(), isWanted) && start == Start::resumed) return;
  Training training{session, paths, requireLabels(paths.labels, "search")};
  std::vector<Step> steps;
  for (const std::uint64_t seed : trainingSeeds(config))
    for (const TrainedArtefact& artefact : trainedArtefacts())
      if (isWanted(artefact)) steps.push_back({&artefact, seed, trainingRecord(training, artefact, seed, start)});
  // What training would refuse is refused before anything is written.
  for (const Step& step : steps)
    if (!step.record.done() && step.artefact->prepare) step.artefact->prepare(session, training.readers);
  prepareRun(paths, Stage::train, start, lock);
  writeFileAtomically(paths.config, resolvedYaml(config));
  for (Step& step : steps) run(step, training);
}

}  // namespace polar
