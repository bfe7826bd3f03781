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
std::shared_ptr<const QuestionFeatures> configuredFeatures(const Session& session,
                                                           std::shared_ptr<const QuestionEncoder>& encoder) {
  const TrainSettings& train = session.config().train;
  if (train.encoder == "embedding") {
    if (!encoder) encoder = configuredEncoder(session);
    return makeEncoderFeatures(encoder);
  }
  std::vector<int> layers;
  for (const double layer : train.value.layers) layers.push_back(static_cast<int>(layer));
  return makeStateFeatures(session.model(), session.prompts(), layers);
}

void prepareValue(const Session& session, QuestionReaders& readers) {
  if (!readers.features) readers.features = remembered(configuredFeatures(session, readers.encoder), Memory::all);
}

void trainValueBySeed(const Training& training, std::uint64_t seed) {
  const auto& [session, paths, labels, readers] = training;
  const ExperimentConfig& config = session.config();
  const ValueSummary summary =
      trainValueModel(labels.examples, *readers.features, session.model()->depth(), config.train, seed,
                      predictorFolder(config, paths, seed), stopRequested, session.workers());
  logLine("value model of " + std::to_string(summary.programs) + " programs from " +
          std::to_string(summary.trainQuestions) + " questions in " + duration(summary.seconds) +
          "; validation pass@1 " + percentText(summary.passAt1) + " (standard " + percentText(summary.standardPassAt1) +
          "); " + summary.rule + ofSeed(config, seed));
}

void loadValue(const Session& session, const std::filesystem::path& folder, PolicyContext& context) {
  std::shared_ptr<const QuestionEncoder> encoder = context.encoder;
  if (!context.features) context.features = remembered(configuredFeatures(session, encoder), Memory::last);
  context.value = ValueModel::load(folder, session.model()->depth());
}

}  // namespace

TrainedArtefact trainedValue() {
  return {.policy = "value",
          .record = "train-value",
          .dependsOn = [](const std::string& key) { return isOfValue(key) || readsEncoder(key); },
          .prepare = prepareValue,
          .train = trainValueBySeed,
          .load = loadValue,
          .descriptions = {"value.json", "calibration.json"}};
}

}  // namespace polar
