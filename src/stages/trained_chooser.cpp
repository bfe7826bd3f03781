// The menu choosers: which program of a menu to run, learned from right answers, or from what the menu agrees on.
#include "eval/policies/consensus.h"
#include "stages/trained_artefacts.h"
#include "support/progress.h"
#include "support/stop_signal.h"
#include "text/prompt.h"
#include "train/chooser_model.h"
#include "train/chooser_trainer.h"

namespace polar {
namespace {

// What they read, and how they are fitted and tuned.
bool dependsChooserOn(const std::string& key) {
  return key.starts_with("train.chooser.") || key == "train.value.layers" || key == "train.folds" || readsEncoder(key);
}

void trainKind(const Training& training, std::uint64_t seed, const ChooserKind& kind) {
  const auto& [session, paths, labels, readers] = training;
  const ExperimentConfig& config = session.config();
  const ChooserSummary summary =
      trainChooser(labels.examples, *readers.features, session.model()->depth(), config.train, seed,
                   predictorFolder(config, paths, seed), kind, stopRequested, session.workers());
  logLine(kind.name + " model of " + std::to_string(summary.programs) + " programs from " +
          std::to_string(summary.teaching) + " of " + std::to_string(summary.questions) + " questions in " +
          duration(summary.seconds) + "; held-out pass@1 " + percentText(summary.passAt1) + " (standard " +
          percentText(summary.standardPassAt1) + "); " + summary.rule + ofSeed(config, seed));
}

void trainChooserBySeed(const Training& training, std::uint64_t seed) { trainKind(training, seed, {}); }

void trainDistilledBySeed(const Training& training, std::uint64_t seed) {
  const bool boxOpen = training.session.prompts()->promptTemplate().boxOpen();
  trainKind(training, seed, {"distilled", [boxOpen](const ExampleLabels& question, const std::vector<Program>& menu) {
                               return consensusOf(question, menu, boxOpen);
                             }});
}

void loadChooser(const Session& session, const std::filesystem::path& folder, PolicyContext& context) {
  loadFeatures(session, context);
  context.chooser = ChooserModel::load(folder, "chooser", session.model()->depth());
}

void loadDistilled(const Session& session, const std::filesystem::path& folder, PolicyContext& context) {
  loadFeatures(session, context);
  context.distilled = ChooserModel::load(folder, "distilled", session.model()->depth());
}

}  // namespace

TrainedArtefact trainedChooser() {
  return {.policy = "chooser",
          .record = "train-chooser",
          .dependsOn = dependsChooserOn,
          .prepare = prepareFeatures,
          .train = trainChooserBySeed,
          .load = loadChooser,
          .descriptions = {"chooser.json", "chooser_calibration.json"}};
}

TrainedArtefact trainedDistilled() {
  return {.policy = "distilled",
          .record = "train-distilled",
          .dependsOn = dependsChooserOn,
          .prepare = prepareFeatures,
          .train = trainDistilledBySeed,
          .load = loadDistilled,
          .descriptions = {"distilled.json", "distilled_calibration.json"}};
}

}  // namespace polar
