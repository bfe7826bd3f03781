// Dr.LLM's routers: one a layer, which skip, run or repeat it.
#include "stages/trained_artefacts.h"
#include "support/progress.h"
#include "support/stop_signal.h"
#include "train/router.h"
#include "train/router_trainer.h"

namespace polar {
namespace {

void trainRouterBySeed(const Training& training, std::uint64_t seed) {
  const auto& [session, paths, labels, readers] = training;
  const ExperimentConfig& config = session.config();
  const RouterSummary summary =
      trainRouter(labels.examples, session.model(), *session.prompts(), config.train, seed,
                  predictorFolder(config, paths, seed), runProgram(session), stopRequested, session.workers());
  logLine("routers from " + std::to_string(summary.trainQuestions) + " questions in " + duration(summary.seconds) +
          "; best epoch " + std::to_string(summary.bestEpoch) + ", validation pass@1 " + percentText(summary.passAt1) +
          " of " + std::to_string(summary.validationQuestions) + " questions" + ofSeed(config, seed));
}

void loadRouter(const Session& session, const std::filesystem::path& folder, PolicyContext& context) {
  context.router = LayerRouter::load(folder, session.model()->depth());
}

}  // namespace

TrainedArtefact trainedRouter() {
  return {.policy = "drllm",
          .record = "train-drllm",
          .dependsOn = [](const std::string& key) { return !isOfMenuModels(key); },
          .prepare = nullptr,
          .train = trainRouterBySeed,
          .load = loadRouter,
          .descriptions = {"router.json"}};
}

}  // namespace polar
