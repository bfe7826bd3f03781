#include "train/trainer.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>

#include "support/error.h"
#include "support/files.h"
#include "support/progress.h"
#include "support/random.h"
#include "train/encoded_set.h"
#include "train/one_thread.h"
#include "train/predictor_training.h"
#include "train/targets.h"
#include "train/workers.h"

namespace polar {
namespace {

std::string keptSettings(const TrainSettings& settings, std::uint64_t seed, const TrainingSummary& summary,
                         const std::optional<ValidationScore>& best) {
  const nlohmann::ordered_json kept{{"encoder_layer", settings.encoderLayer},
                                    {"epochs", settings.epochs},
                                    {"batch", settings.batch},
                                    {"learning_rate", settings.learningRate},
                                    {"weight_decay", settings.weightDecay},
                                    {"warmup_steps", settings.warmupSteps},
                                    {"max_programs", settings.maxPrograms},
                                    {"program_choice", settings.programChoice},
                                    {"standard_weight", settings.standardWeight},
                                    {"seed", seed},
                                    {"train_questions", summary.trainQuestions},
                                    {"validation_questions", summary.validationQuestions},
                                    {"programs", summary.programs},
                                    {"dropped_programs", summary.dropped},
                                    {"best_epoch", summary.bestEpoch},
                                    {"validation_loss", lossJson(best)},
                                    {"validation_pass_at_1", passAt1Json(best)}};
  return kept.dump();
}

void requireTargets(const TargetSet& train) {
  if (!train.questions.empty()) return;
  throw InputError("labels",
                   "no train question with a right program that the predictor can write" +
                       (train.dropped == 0 ? std::string()
                                           : " (" + std::to_string(train.dropped) +
                                                 " right programs need more than repeats of two passes)"),
                   "at least one", "search more: raise search.budget or data.train.limit, then run polar search again");
}

}  // namespace

TrainingSummary trainPredictor(const std::vector<ExampleLabels>& labels, const QuestionEncoder& encoder, int depth,
                               const TrainSettings& settings, std::uint64_t seed, const std::filesystem::path& folder,
                               const RunProgram& run, const std::function<bool()>& stop, int workerCount) {
  const auto started = std::chrono::steady_clock::now();
  requireWritableFolder(folder);
  const OneThread oneThread;
  const Workers workers(workerCount);
  TargetSet trainTargets = makeTargets(labels, "train", depth, settings, seed);
  leaveOutQuestionsWithoutTargets(trainTargets);
  requireTargets(trainTargets);
  TargetSet validationTargets = makeTargets(labels, "validation", depth, settings, seed);
  TrainingSummary summary;
  summary.trainQuestions = static_cast<int>(trainTargets.questions.size());
  summary.validationQuestions = static_cast<int>(validationTargets.questions.size());
  summary.programs = trainTargets.programs;
  summary.dropped = trainTargets.dropped;

  EncodedSet train, validation;
  {
    Progress progress("encode", "questions", trainTargets.questions.size() + validationTargets.questions.size());
    train = encodeSet(std::move(trainTargets), encoder, workers, progress, stop);
    validation = encodeSet(std::move(validationTargets), encoder, workers, progress, stop);
  }
  ProgramPredictor predictor(
      {depth, encoder.width(), settings.width, settings.heads, settings.blocks, settings.dropout},
      Random(seed, "predictor weights").next());
  const BestEpoch best =
      fitPredictor({predictor, train, validation, seed}, settings, folder / "log.jsonl", run, workers, stop);
  summary.bestEpoch = best.epoch;
  summary.bestValidation = best.score ? best.score->passAt1 : 0;
  predictor.save(folder, keptSettings(settings, seed, summary, best.score));
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return summary;
}

}  // namespace polar
