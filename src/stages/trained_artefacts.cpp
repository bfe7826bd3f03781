#include "stages/trained_artefacts.h"

#include <sstream>

#include "train/question_encoder.h"
#include "train/question_features.h"
#include "train/remembered.h"

namespace polar {

namespace fs = std::filesystem;

namespace {

// The states of `train.value.layers`, or the embedding model's.
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

}  // namespace

std::span<const TrainedArtefact> trainedArtefacts() {
  static const TrainedArtefact list[] = {trainedPredictor(), trainedValue(), trainedChooser(), trainedDistilled(),
                                         trainedRouter()};
  return list;
}

const TrainedArtefact* trainedFor(const std::string& policy) {
  for (const TrainedArtefact& artefact : trainedArtefacts())
    if (artefact.policy == policy) return &artefact;
  return nullptr;
}

bool readsEncoder(const std::string& key) { return key.starts_with("train.encoder") || key == "train.embedding_model"; }
bool isOfMenuModels(const std::string& key) {
  return key.starts_with("train.value.") || key.starts_with("train.chooser.") || key == "train.folds";
}

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

void prepareFeatures(const Session& session, QuestionReaders& readers) {
  if (!readers.features) readers.features = remembered(configuredFeatures(session, readers.encoder), Memory::all);
}

void loadFeatures(const Session& session, PolicyContext& context) {
  std::shared_ptr<const QuestionEncoder> encoder = context.encoder;
  if (!context.features) context.features = remembered(configuredFeatures(session, encoder), Memory::last);
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
