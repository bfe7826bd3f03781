#include "stages/trained_artefacts.h"

#include <sstream>

#include "train/question_encoder.h"

namespace polar {

namespace fs = std::filesystem;

std::span<const TrainedArtefact> trainedArtefacts() {
  static const TrainedArtefact list[] = {trainedPredictor(), trainedValue(), trainedRouter()};
  return list;
}

const TrainedArtefact* trainedFor(const std::string& policy) {
  for (const TrainedArtefact& artefact : trainedArtefacts())
    if (artefact.policy == policy) return &artefact;
  return nullptr;
}

bool readsEncoder(const std::string& key) { return key.starts_with("train.encoder") || key == "train.embedding_model"; }
bool isOfValue(const std::string& key) { return key.starts_with("train.value.") || key == "train.folds"; }

std::vector<std::uint64_t> trainingSeeds(const ExperimentConfig& config) {
  return config.train.seeds.empty() ? std::vector<std::uint64_t>{config.seed} : config.train.seeds;
}

fs::path predictorFolder(const ExperimentConfig& config, const RunPaths& paths, std::uint64_t seed) {
  return seed == config.seed ? paths.predictor : paths.predictor / ("seed-" + std::to_string(seed));
}

std::string ofSeed(const ExperimentConfig& config, std::uint64_t seed) {
  return seed == config.seed ? "" : ", seed " + std::to_string(seed);
}

std::shared_ptr<const QuestionEncoder> configuredEncoder(const Session& session) {
  const TrainSettings& train = session.config().train;
  if (train.encoder == "embedding") {
    const fs::path path = resolveModelPath(train.embeddingModel);
    return makeEmbeddingEncoder(LanguageModel::load(path, {"fp32", session.config().model.device}),
                                loadTokenizer(path));
  }
  std::shared_ptr<const QuestionEncoder> self = makeSelfEncoder(session.model(), session.prompts(), train.encoderLayer);
  return train.encoder == "mean_pooled" ? makeMeanPooledEncoder(self) : self;
}

RunProgram runProgram(const Session& session) {
  return [&session](const Example& example, const Program& program) {
    const EvaluationTask task{&example, program};
    return session.evaluator().evaluate({&task, 1}).front().right();
  };
}

std::string percentText(double share) {
  std::ostringstream text;
  text.precision(3);
  text << 100 * share << " %";
  return text.str();
}

}  // namespace polar
