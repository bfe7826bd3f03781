// What is trained for a policy: one row each, in a file of its own.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "eval/policies/policies.h"
#include "stages/run_folder.h"
#include "stages/session.h"
#include "train/verdicts.h"

namespace polar {

class QuestionFeatures;

// What reads questions for trainings: each is made once, for all artefacts and seeds that read by it.
struct QuestionReaders {
  std::shared_ptr<const QuestionEncoder> encoder;
  std::shared_ptr<const QuestionFeatures> features;  // of models of a menu; remembers what it read
};

// What all trainings of a call share.
struct Training {
  const Session& session;
  const RunPaths& paths;
  LabelFile labels;
  QuestionReaders readers = {};
};

struct TrainedArtefact {
  const char* policy;  // that uses it
  const char* record;  // its StageRecord by the run's own seed
  // Whether it depends on a key of the config that starts with "train."; a change of other keys leaves it as it is.
  bool (*dependsOn)(const std::string& key);
  // Makes the reader that it needs where it is not there yet: what training would refuse, this refuses. May be null.
  void (*prepare)(const Session& session, QuestionReaders& readers);
  // Trains it by a seed into that seed's folder, once it is prepared.
  void (*train)(const Training& training, std::uint64_t seed);
  // Loads it from such a folder into a policy's context. InputError where it was not trained.
  void (*load)(const Session& session, const std::filesystem::path& folder, PolicyContext& context);
  // Files that describe it and name the digests of its weights.
  std::vector<std::string> descriptions;
};

// All of them, in the order in which they are trained.
std::span<const TrainedArtefact> trainedArtefacts();
// Null where nothing is trained for the policy.
const TrainedArtefact* trainedFor(const std::string& policy);

TrainedArtefact trainedPredictor();  // trained_predictor.cpp: PoLar's predictor
TrainedArtefact trainedValue();      // trained_value.cpp: the value model
TrainedArtefact trainedChooser();    // trained_chooser.cpp: the menu chooser
TrainedArtefact trainedDistilled();  // trained_chooser.cpp: the one that learns what the menu agrees on
TrainedArtefact trainedRouter();     // trained_router.cpp: Dr.LLM's routers

// As `train.encoder` says.
std::shared_ptr<const QuestionEncoder> configuredEncoder(const Session& session);
bool readsEncoder(const std::string& key);    // keys that configuredEncoder depends on
bool isOfMenuModels(const std::string& key);  // keys that only models of a menu depend on

// What all models of a menu read, made once: for training, and for a policy.
void prepareFeatures(const Session& session, QuestionReaders& readers);
void loadFeatures(const Session& session, PolicyContext& context);

// The seeds of `train.seeds`; the run's own where none is given.
std::vector<std::uint64_t> trainingSeeds(const ExperimentConfig& config);

// predictor/ for the run's own seed, predictor/seed-N/ for others.
std::filesystem::path predictorFolder(const ExperimentConfig& config, const RunPaths& paths, std::uint64_t seed);

// Runs a program on a question, for verdicts that no label has.
RunProgram runProgram(const Session& session);

std::string percentText(double share);  // "41.7 %"
// What the log lines of trainings end with: nothing, or ", seed N" where it is not the run's own.
std::string ofSeed(const ExperimentConfig& config, std::uint64_t seed);

}  // namespace polar
