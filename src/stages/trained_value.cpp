// The value model: how likely each program of a menu is right on a question.
#include "stages/trained_artefacts.h"
#include "support/progress.h"
#include "support/stop_signal.h"
#include "train/remembered.h"
#include "train/value_model.h"
#include "train/value_trainer.h"

namespace polar {
namespace {

// What it reads: the states of `train.value.layers`, or the embedding model's.
std::shared_ptr<const QuestionFeatures> configuredFeatures(const Session& session) {
  const TrainSettings& train = session.config().train;
  if (train.encoder == "embedding") return makeEncoderFeatures(configuredEncoder(session));
  std::vector<int> layers;
  for (const double layer : train.value.layers) layers.push_back(static_cast<int>(layer));
  return makeStateFeatures(session.model(), session.prompts(), layers);
}

void trainValueBySeed(Training& training, std::uint64_t seed) {
  if (!training.features) training.features = remembered(configuredFeatures(training.session), Memory::all);
  const auto& [session, paths, labels, features] = training;
  const ExperimentConfig& config = session.config();
  const ValueSummary summary = trainValueModel(labels.examples, *features, session.model()->depth(), config.train, seed,
                                               predictorFolder(config, paths, seed), stopRequested, session.workers());
  logLine("value model of " + std::to_string(summary.programs) + " programs from " +
          std::to_string(summary.trainQuestions) + " questions in " + duration(summary.seconds) +
          "; validation pass@1 " + percentText(summary.passAt1) + " (standard " + percentText(summary.standardPassAt1) +
          "); " + summary.rule + ofSeed(config, seed));
}

void loadValue(const Session& session, const std::filesystem::path& folder, PolicyContext& context) {
  if (!context.features) context.features = remembered(configuredFeatures(session), Memory::last);
  context.value = ValueModel::load(folder, session.model()->depth());
}

}  // namespace

TrainedArtefact trainedValue() {
  return {"value",
          [](const std::string& key) { return isOfValue(key) || readsEncoder(key); },
          [](const Session& session) { configuredFeatures(session); },
          trainValueBySeed,
          loadValue,
          {"value.json", "calibration.json"}};
}

}  // namespace polar
