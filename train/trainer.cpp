#include "train/trainer.h"

#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <numbers>
#include <numeric>
#include <optional>
#include <sstream>

#include "support/error.h"
#include "support/files.h"
#include "support/progress.h"
#include "support/random.h"
#include "train/batches.h"
#include "train/best_weights.h"
#include "train/encoded_set.h"
#include "train/one_thread.h"
#include "train/predictor_network.h"
#include "train/targets.h"
#include "train/workers.h"

namespace polar {
namespace {

using Json = nlohmann::ordered_json;
using Stop = std::function<bool()>;

// Rises over the warm-up, then falls along a cosine to 0 behind the last step. step: from 0.
double learningRate(const TrainSettings& settings, std::int64_t step, std::int64_t steps) {
  const std::int64_t warmup = std::min<std::int64_t>(settings.warmupSteps, steps - 1);
  if (step < warmup) return settings.learningRate * static_cast<double>(step + 1) / static_cast<double>(warmup);
  const double progress = static_cast<double>(step - warmup) / static_cast<double>(steps - warmup);
  return settings.learningRate * 0.5 * (1 + std::cos(std::numbers::pi * progress));
}

struct PredictorScore {
  double passAt1 = 0;
  std::optional<double> loss;  // mean over the questions with a target; none without such questions
  bool betterThan(const PredictorScore& other) const {
    return passAt1 != other.passAt1 ? passAt1 > other.passAt1 : loss && *loss < *other.loss;
  }
};

// The verdicts of programs that the predictor proposes, each asked for once: from the question's labels, which were made
// by running it, else by running it now. Threads may ask at the same time, each for questions of its own.
class Verdicts {
 public:
  Verdicts(const EncodedSet& set, const RunProgram& run) : set_(set), run_(run), known_(set.questions.size()) {
    for (std::size_t q = 0; q < known_.size(); ++q)
      for (const LabelledProgram& label : set.questions[q].labels->programs)
        if (!label.isSample()) known_[q][label.program] = label.evaluation.right();
  }

  bool isRight(std::size_t question, const Program& program) {
    const auto [entry, isNew] = known_[question].try_emplace(program, false);
    if (isNew && run_) entry->second = run_(set_.questions[question].labels->example, program);
    return entry->second;
  }

 private:
  const EncodedSet& set_;
  const RunProgram& run_;
  std::vector<std::map<Program, bool>> known_;
};

// Questions one by one and unpadded, as propose() reads them: what is watched here is what `polar eval` runs.
std::optional<PredictorScore> validate(const ProgramPredictor& predictor, const EncodedSet& set, Verdicts& verdicts,
                              const Workers& workers, const Stop& stop) {
  if (set.questions.empty()) return std::nullopt;
  struct Outcome {
    bool right = false;
    std::optional<double> loss;
  };
  std::vector<Outcome> outcomes(set.questions.size());
  workers.run(outcomes.size(), [&](std::size_t q) {
    requireGoingOn(stop);
    const torch::NoGradGuard noGrad;
    const auto logits = predictor.network().forward(set.encodings[q].unsqueeze(0));
    if (!set.questions[q].programs.empty()) outcomes[q].loss = questionLoss(logits, set.questions[q]).item<double>();
    outcomes[q].right = verdicts.isRight(q, proposals(logits, 1, 1).front().program);
  });
  PredictorScore score;
  double loss = 0, withTargets = 0;
  for (const Outcome& outcome : outcomes) {
    score.passAt1 += outcome.right ? 1 : 0;
    loss += outcome.loss.value_or(0);
    withTargets += outcome.loss ? 1 : 0;
  }
  score.passAt1 /= static_cast<double>(outcomes.size());
  if (withTargets > 0) score.loss = loss / withTargets;
  return score;
}

// The steps of a training. A step cuts its batch into parts whose gradients the workers compute on the same weights, and
// adds them up in the order of the parts: the same bytes for any number of workers.
class Training {
 public:
  Training(ProgramPredictor& predictor, const EncodedSet& train, const TrainSettings& settings, std::uint64_t seed,
           const Workers& workers, const Stop& stop)
      : predictor_(predictor), parameters_(predictor.network().parameters()), train_(train), settings_(settings),
        seed_(seed), workers_(workers), stop_(stop), pairs_(pairCount(train.questions)),
        steps_(settings.epochs * batchCount(pairs_, settings.batch)),
        progress_("train", "pairs", static_cast<std::size_t>(settings.epochs) * pairs_) {
    // One each, so that the workers can share a step.
    for (const at::Tensor& parameter : parameters_)
      optimizers_.push_back(std::make_unique<torch::optim::AdamW>(
          std::vector<at::Tensor>{parameter},
          torch::optim::AdamWOptions(settings.learningRate).weight_decay(settings.weightDecay)));
  }

  // Returns the mean loss of a question.
  double epoch(int number) {
    Random random(seed_, "epoch " + std::to_string(number));
    const auto order = epochOrder(train_.questions, random);
    double sum = 0, weight = 0;
    for (std::size_t from = 0; from < order.size(); from += static_cast<std::size_t>(settings_.batch)) {
      requireGoingOn(stop_);
      const std::size_t size = std::min(order.size() - from, static_cast<std::size_t>(settings_.batch));
      const std::span<const Pair> batch(order.data() + from, size);
      const double batchWeight = weightOf(batch);
      sum += step(batch, batchWeight);
      weight += batchWeight;
      progress_.advance(size);
    }
    requireFinite(sum, number, "train.learning_rate");
    return sum / weight;
  }

  void show(const std::string& note) { progress_.advance(0, note); }

  double learningRateNow() const { return learningRate(settings_, std::max<std::int64_t>(0, step_ - 1), steps_); }

 private:
  double weightOf(std::span<const Pair> batch) const {
    double weight = 0;
    for (const Pair& pair : batch) weight += train_.questions[pair.question].programs[pair.program].weight;
    return weight;
  }

  // Returns Σ weight × loss.
  double step(std::span<const Pair> batch, double weight) {
    const auto parts = batchParts(batch, train_.lengths);
    std::vector<std::vector<at::Tensor>> gradients(parts.size());
    std::vector<double> losses(parts.size());
    workers_.run(parts.size(), [&](std::size_t part) {
      const auto loss = pairsLoss(predictor_.network(), train_, parts[part], dropoutOf(part));
      gradients[part] = torch::autograd::grad({loss / weight}, parameters_);
      losses[part] = loss.item<double>();
    });
    const double rate = learningRate(settings_, step_, steps_);
    workers_.run(parameters_.size(), [&](std::size_t i) {
      at::Tensor sum = gradients.front()[i].clone();
      for (std::size_t part = 1; part < parts.size(); ++part) sum += gradients[part][i];
      parameters_[i].mutable_grad() = sum;
      optimizers_[i]->param_groups().front().options().set_lr(rate);
      optimizers_[i]->step();
    });
    ++step_;
    return std::accumulate(losses.begin(), losses.end(), 0.0);
  }

  Dropout dropoutOf(std::size_t part) const {
    const std::string name = "dropout of step " + std::to_string(step_) + ", part " + std::to_string(part);
    return {settings_.dropout, Random(seed_, name).next()};
  }

  const ProgramPredictor& predictor_;
  std::vector<at::Tensor> parameters_;
  std::vector<std::unique_ptr<torch::optim::AdamW>> optimizers_;
  const EncodedSet& train_;
  const TrainSettings& settings_;
  std::uint64_t seed_;
  const Workers& workers_;
  const Stop& stop_;
  std::size_t pairs_;
  std::int64_t steps_, step_ = 0;
  Progress progress_;
};

Json lossJson(const std::optional<PredictorScore>& score) { return score && score->loss ? Json(*score->loss) : Json(); }

Json passJson(const std::optional<PredictorScore>& score) { return score ? Json(score->passAt1) : Json(); }

std::string noteOf(int epoch, int epochs, double loss, const std::optional<PredictorScore>& score) {
  std::ostringstream note;
  note.precision(3);
  note << "epoch " << epoch << "/" << epochs << ", loss " << loss;
  if (score && score->loss) note << ", validation loss " << *score->loss;
  if (score) note << ", validation pass@1 " << 100 * score->passAt1 << " %";
  return note.str();
}

std::string keptSettings(const TrainSettings& settings, std::uint64_t seed, const TrainingSummary& summary,
                         const std::optional<PredictorScore>& best) {
  const Json kept{{"encoder_layer", settings.encoderLayer},
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
                  {"validation_pass_at_1", passJson(best)}};
  return kept.dump();
}

void requireTargets(const TargetSet& train) {
  if (!train.questions.empty()) return;
  throw InputError("labels", "no train question with a right program that the predictor can write" +
                                 (train.dropped == 0 ? std::string()
                                                     : " (" + std::to_string(train.dropped) +
                                                           " right programs need more than repeats of two passes)"),
                   "at least one",
                   "search more: raise search.budget or data.train.limit, then run polar search again");
}

// Runs the epochs, writes log.jsonl after each, and leaves the best weights in the predictor.
BestWeights<PredictorScore> fit(ProgramPredictor& predictor, Training& training, const EncodedSet& validation, int epochs,
                       const std::filesystem::path& log, const RunProgram& run, const Workers& workers,
                       const Stop& stop) {
  BestWeights<PredictorScore> best;
  Verdicts verdicts(validation, run);
  std::string lines;
  for (int epoch = 1; epoch <= epochs; ++epoch) {
    const double loss = training.epoch(epoch);
    const auto score = validate(predictor, validation, verdicts, workers, stop);
    const bool isBest = best.offer(epoch, score, predictor.network());
    lines += Json{{"epoch", epoch},
                  {"learning_rate", training.learningRateNow()},
                  {"train_loss", loss},
                  {"validation_loss", lossJson(score)},
                  {"validation_pass_at_1", passJson(score)},
                  {"best", isBest}}
                 .dump() +
             "\n";
    writeFileAtomically(log, lines);
    training.show(noteOf(epoch, epochs, loss, score));
  }
  best.restore(predictor.network());
  return best;
}

}  // namespace

TrainingSummary trainPredictor(const std::vector<ExampleLabels>& labels, const QuestionEncoder& encoder, int depth,
                               const TrainSettings& settings, std::uint64_t seed, const std::filesystem::path& folder,
                               const RunProgram& run, const Stop& stop, int workerCount) {
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
  Training training(predictor, train, settings, seed, workers, stop);
  const BestWeights<PredictorScore> best =
      fit(predictor, training, validation, settings.epochs, folder / "log.jsonl", run, workers, stop);
  summary.bestEpoch = best.epoch();
  summary.bestValidation = best.score() ? best.score()->passAt1 : 0;
  predictor.save(folder, keptSettings(settings, seed, summary, best.score()));
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return summary;
}

}  // namespace polar
