// PoLar's predictor: from a question's encoding to programs.
#include "stages/trained_artefacts.h"
#include "support/progress.h"
#include "support/stop_signal.h"
#include "train/predictor.h"
#include "train/remembered.h"
#include "train/trainer.h"

namespace polar {
namespace {

void preparePredictor(const Session& session, QuestionReaders& readers) {
  if (!readers.encoder) readers.encoder = configuredEncoder(session);
}

void trainPredictorBySeed(const Training& training, std::uint64_t seed) {
  const auto& [session, paths, labels, readers] = training;
  const ExperimentConfig& config = session.config();
  const TrainingSummary summary =
      trainPredictor(labels.examples, *readers.encoder, session.model()->depth(), config.train, seed,
                     predictorFolder(config, paths, seed), runProgram(session), stopRequested, session.workers());
  logLine("trained on " + std::to_string(summary.programs) + " programs of " + std::to_string(summary.trainQuestions) +
          " questions in " + duration(summary.seconds) + "; best epoch " + std::to_string(summary.bestEpoch) +
          ", validation pass@1 " + percentText(summary.bestValidation) + " of " +
          std::to_string(summary.validationQuestions) + " questions" + ofSeed(config, seed));
}

void loadPredictor(const Session& session, const std::filesystem::path& folder, PolicyContext& context) {
  if (!context.encoder) context.encoder = remembered(configuredEncoder(session), Memory::last);
  context.predictor = ProgramPredictor::load(folder, session.model()->depth());
}

}  // namespace

TrainedArtefact trainedPredictor() {
  return {.policy = "predictor",
          .record = "train",
          .dependsOn = [](const std::string& key) { return !isOfMenuModels(key); },
          .prepare = preparePredictor,
          .train = trainPredictorBySeed,
          .load = loadPredictor,
          .descriptions = {"predictor.json"}};
}

}  // namespace polar
