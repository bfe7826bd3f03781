// The value model: how likely each program of a menu is right on a question.
#include "stages/trained_artefacts.h"
#include "support/progress.h"
#include "support/stop_signal.h"
#include "train/value_model.h"
#include "train/value_trainer.h"

namespace polar {
namespace {

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
  loadFeatures(session, context);
  context.value = ValueModel::load(folder, session.model()->depth());
}

}  // namespace

TrainedArtefact trainedValue() {
  return {.policy = "value",
          .record = "train-value",
          .dependsOn =
              [](const std::string& key) {
                return key.starts_with("train.value.") || key == "train.folds" || readsEncoder(key);
              },
          .prepare = prepareFeatures,
          .train = trainValueBySeed,
          .load = loadValue,
          .descriptions = {"value.json", "calibration.json"}};
}

}  // namespace polar
