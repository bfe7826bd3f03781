#include "stages/train_stage.h"

#include <algorithm>
#include <sstream>

#include "stages/stage_record.h"
#include "support/stop_signal.h"
#include "support/error.h"
#include "support/files.h"
#include "support/hash.h"
#include "support/progress.h"
#include "train/predictor.h"
#include "train/remembered.h"
#include "train/router_trainer.h"
#include "train/trainer.h"
#include "train/value_model.h"
#include "train/value_trainer.h"

namespace polar {
namespace {

namespace fs = std::filesystem;
using Keys = std::map<std::string, std::string>;

bool isOfValue(const std::string& key) { return key.starts_with("train.value.") || key == "train.folds"; }
bool readsEncoder(const std::string& key) { return key.starts_with("train.encoder") || key == "train.embedding_model"; }

// What is trained, by the policy that uses it. The record of each holds what it depends on: a change of another's keys
// leaves it as it is.
StageRecord trainingRecord(const Session& session, const LabelFile& labels, const RunPaths& paths, const std::string& policy,
                           std::uint64_t seed, Start start) {
  const ExperimentConfig& config = session.config();
  const bool value = policy == "value";
  Keys keys;
  for (const auto& [key, text] : resultKeys(config, "train")) {
    if (!key.starts_with("train.") || (value ? isOfValue(key) || readsEncoder(key) : !isOfValue(key))) keys[key] = text;
  }
  keys["(labels)"] = labels.provenance.fingerprint;
  keys["(seed)"] = std::to_string(seed);
  const std::string name = policy == "predictor" ? "train" : "train-" + policy;
  return recordOf(paths, name + (seed == config.seed ? "" : "-seed-" + std::to_string(seed)), std::move(keys), start);
}

RunProgram runProgram(const Session& session) {
  return [&session](const Example& example, const Program& program) {
    const EvaluationTask task{&example, program};
    return session.evaluator().evaluate({&task, 1}).front().right();
  };
}

std::string ofSeed(const ExperimentConfig& config, std::uint64_t seed) {
  return seed == config.seed ? "" : ", seed " + std::to_string(seed);
}

std::string percent(double share) {
  std::ostringstream text;
  text.precision(3);
  text << 100 * share << " %";
  return text.str();
}

// What all seeds share.
struct Training {
  const Session& session;
  const RunPaths& paths;
  LabelFile labels;
  std::shared_ptr<const QuestionFeatures> features;  // of the value model
};

void trainPredictorOf(const Training& training, std::uint64_t seed) {
  const auto& [session, paths, labels, features] = training;
  const ExperimentConfig& config = session.config();
  const TrainingSummary summary =
      trainPredictor(labels.examples, *configuredEncoder(session), session.model()->depth(), config.train, seed,
                     predictorFolder(config, paths, seed), runProgram(session), stopRequested, session.workers());
  logLine("trained on " + std::to_string(summary.programs) + " programs of " + std::to_string(summary.trainQuestions) +
          " questions in " + duration(summary.seconds) + "; best epoch " + std::to_string(summary.bestEpoch) +
          ", validation pass@1 " + percent(summary.bestValidation) + " of " +
          std::to_string(summary.validationQuestions) + " questions" + ofSeed(config, seed));
}

void trainValueOf(const Training& training, std::uint64_t seed) {
  const auto& [session, paths, labels, features] = training;
  const ExperimentConfig& config = session.config();
  const ValueSummary summary =
      trainValueModel(labels.examples, *features, session.model()->depth(), config.train, seed,
                      predictorFolder(config, paths, seed), stopRequested, session.workers());
  logLine("value model of " + std::to_string(summary.programs) + " programs from " +
          std::to_string(summary.trainQuestions) + " questions in " + duration(summary.seconds) +
          "; validation pass@1 " + percent(summary.passAt1) + " (standard " + percent(summary.standardPassAt1) + "); " +
          summary.rule + ofSeed(config, seed));
}

void trainRouterOf(const Training& training, std::uint64_t seed) {
  const auto& [session, paths, labels, features] = training;
  const ExperimentConfig& config = session.config();
  const RouterSummary summary =
      trainRouter(labels.examples, session.model(), *session.prompts(), config.train, seed,
                  predictorFolder(config, paths, seed), runProgram(session), stopRequested, session.workers());
  logLine("routers from " + std::to_string(summary.trainQuestions) + " questions in " + duration(summary.seconds) +
          "; best epoch " + std::to_string(summary.bestEpoch) + ", validation pass@1 " + percent(summary.passAt1) + " of " +
          std::to_string(summary.validationQuestions) + " questions" + ofSeed(config, seed));
}

struct Step {
  void (*train)(const Training&, std::uint64_t);
  std::uint64_t seed;
  StageRecord record;
};

// Labels that cannot be trained on are seen only by training: such a call must not bind the next one to its keys.
void run(Step& step, const Training& training, const RunPaths& paths) {
  if (step.record.done()) return;
  const bool claimed = step.record.claim();
  try {
    step.train(training, step.seed);
  } catch (const InputError&) {
    if (claimed) StageRecord::remove(paths.run, step.record.stage());
    throw;
  }
  step.record.markDone();
}

}  // namespace

std::vector<std::uint64_t> trainingSeeds(const ExperimentConfig& config) {
  return config.train.seeds.empty() ? std::vector<std::uint64_t>{config.seed} : config.train.seeds;
}

fs::path predictorFolder(const ExperimentConfig& config, const RunPaths& paths, std::uint64_t seed) {
  return seed == config.seed ? paths.predictor : paths.predictor / ("seed-" + std::to_string(seed));
}

bool wantsPolicy(const ExperimentConfig& config, const std::string& policy) {
  return std::find(config.eval.policies.begin(), config.eval.policies.end(), policy) != config.eval.policies.end();
}

std::shared_ptr<const QuestionEncoder> configuredEncoder(const Session& session) {
  const TrainSettings& train = session.config().train;
  if (train.encoder == "embedding") {
    const fs::path path = resolveModelPath(train.embeddingModel);
    return makeEmbeddingEncoder(LanguageModel::load(path, {"fp32", session.config().model.device}), loadTokenizer(path));
  }
  std::shared_ptr<const QuestionEncoder> self =
      makeSelfEncoder(session.model(), session.prompts(), train.encoderLayer);
  return train.encoder == "mean_pooled" ? makeMeanPooledEncoder(self) : self;
}

std::shared_ptr<const QuestionFeatures> configuredFeatures(const Session& session) {
  const TrainSettings& train = session.config().train;
  if (train.encoder == "embedding") return makeEncoderFeatures(configuredEncoder(session));
  std::vector<int> layers;
  for (const double layer : train.value.layers) layers.push_back(static_cast<int>(layer));
  return makeStateFeatures(session.model(), session.prompts(), layers);
}

PolicyContext trainedContext(const Session& session, const RunPaths& paths, PolicyContext context,
                             const std::string& policy, std::uint64_t seed) {
  const fs::path folder = predictorFolder(session.config(), paths, seed);
  const int depth = session.model()->depth();
  context.seed = seed;
  if (policy == "predictor") {
    if (!context.encoder) context.encoder = remembered(configuredEncoder(session), Memory::last);
    context.predictor = ProgramPredictor::load(folder, depth);
  }
  if (policy == "drllm") context.router = LayerRouter::load(folder, depth);
  if (policy == "value") {
    if (!context.features) context.features = remembered(configuredFeatures(session), Memory::last);
    context.value = ValueModel::load(folder, depth);
  }
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
  const std::map<std::string, std::vector<std::string>> files = {{"predictor", {"predictor.json"}},
                                                                 {"value", {"value.json", "calibration.json"}},
                                                                 {"drllm", {"router.json"}}};
  const auto found = files.find(policy);
  if (found == files.end()) return "";
  std::string digests;
  for (const std::string& name : found->second) {
    const fs::path file = predictorFolder(config, paths, seed) / name;
    digests += fs::exists(file) ? sha256File(file) : "none";
  }
  return sha256(digests);
}

void trainStage(const Session& session, const RunPaths& paths, Start start, RunLock& lock) {
  const ExperimentConfig& config = session.config();
  constexpr std::pair<const char*, void (*)(const Training&, std::uint64_t)> kTrained[] = {
      {"predictor", trainPredictorOf}, {"value", trainValueOf}, {"drllm", trainRouterOf}};
  const bool any = std::any_of(std::begin(kTrained), std::end(kTrained),
                               [&](const auto& each) { return wantsPolicy(config, each.first); });
  if (!any && start == Start::resumed) return;
  Training training{session, paths, requireLabels(paths.labels, "search"), nullptr};
  if (wantsPolicy(config, "value")) training.features = remembered(configuredFeatures(session), Memory::all);
  std::vector<Step> steps;
  for (const std::uint64_t seed : trainingSeeds(config))
    for (const auto& [policy, train] : kTrained)
      if (wantsPolicy(config, policy))
        steps.push_back({train, seed, trainingRecord(session, training.labels, paths, policy, seed, start)});
  prepareRun(paths, "train", start, lock);
  writeFileAtomically(paths.config, resolvedYaml(config));
  for (Step& step : steps) run(step, training, paths);
}

}  // namespace polar
