#include "train/predictor_training.h"

#include <torch/torch.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "support/files.h"
#include "support/progress.h"
#include "support/random.h"
#include "train/batches.h"
#include "train/one_thread.h"
#include "train/predictor_network.h"
#include "train/schedule.h"

namespace polar {
namespace {

std::vector<const ExampleLabels*> labelsOf(const EncodedSet& set) {
  std::vector<const ExampleLabels*> labels;
  for (const QuestionTargets& question : set.questions) labels.push_back(question.labels);
  return labels;
}

std::string noteOf(const EpochResult& result, int epochs) {
  std::ostringstream note;
  note.precision(3);
  note << "epoch " << result.epoch << "/" << epochs << ", loss " << result.loss;
  if (result.score && result.score->loss) note << ", validation loss " << *result.score->loss;
  if (result.score) note << ", validation pass@1 " << 100 * result.score->passAt1 << " %";
  return note.str();
}

// A step cuts its batch into parts whose gradients the workers compute on the same weights, and adds them up in the
// order of the parts: the same bytes for any number of workers.
class PredictorTraining final : public EpochTraining {
 public:
  PredictorTraining(const PredictorFit& parts, const TrainSettings& settings, const RunProgram& run,
                    const Workers& workers, const std::function<bool()>& stop)
      : predictor_(parts.predictor), parameters_(predictor_.network().parameters()), train_(parts.train),
        validation_(parts.validation), settings_(settings), seed_(parts.seed), workers_(workers), stop_(stop),
        verdicts_(labelsOf(validation_), run), pairs_(pairCount(train_.questions)),
        schedule_(settings.learningRate, settings.epochs * batchCount(pairs_, settings.batch), settings.warmupSteps),
        progress_("train", "pairs", static_cast<std::size_t>(settings.epochs) * pairs_) {
    // One each, so that the workers can share a step.
    for (const at::Tensor& parameter : parameters_)
      optimizers_.push_back(std::make_unique<torch::optim::AdamW>(
          std::vector<at::Tensor>{parameter},
          torch::optim::AdamWOptions(settings.learningRate).weight_decay(settings.weightDecay)));
  }

  torch::nn::Module& network() override { return predictor_.network(); }

  // Returns the mean loss of a question.
  double runEpoch(int epoch) override {
    Random random(seed_, "epoch " + std::to_string(epoch));
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
    return sum / weight;
  }

  // Each question alone and without padding, as propose() reads it: what is measured here is what `polar eval` runs.
  std::optional<ValidationScore> validate() override {
    if (validation_.questions.empty()) return std::nullopt;
    std::vector<Outcome> outcomes(validation_.questions.size());
    workers_.run(outcomes.size(), [&](std::size_t q) {
      requireGoingOn(stop_);
      outcomes[q] = outcomeOf(q);
    });
    ValidationScore score;
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

  nlohmann::ordered_json report(const EpochResult& result) override {
    progress_.advance(0, noteOf(result, settings_.epochs));
    return {{"epoch", result.epoch},
            {"learning_rate", schedule_.rate(std::max<std::int64_t>(0, step_ - 1))},
            {"train_loss", result.loss},
            {"validation_loss", lossJson(result.score)},
            {"validation_pass_at_1", passAt1Json(result.score)}};
  }

 private:
  struct Outcome {
    bool right = false;
    std::optional<double> loss;  // nothing where the question has no target
  };

  Outcome outcomeOf(std::size_t q) {
    const torch::NoGradGuard noGrad;
    const QuestionTargets& question = validation_.questions[q];
    const auto logits = predictor_.network().forward(validation_.encodings[q].unsqueeze(0));
    Outcome outcome;
    if (!question.programs.empty()) outcome.loss = questionLoss(logits, question).item<double>();
    outcome.right = verdicts_.isRight(q, proposals(logits, 1, 1).front().program);
    return outcome;
  }

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
    const double rate = schedule_.rate(step_);
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

  ProgramPredictor& predictor_;
  std::vector<at::Tensor> parameters_;
  std::vector<std::unique_ptr<torch::optim::AdamW>> optimizers_;
  const EncodedSet &train_, &validation_;
  const TrainSettings& settings_;
  std::uint64_t seed_;
  const Workers& workers_;
  const std::function<bool()>& stop_;
  Verdicts verdicts_;
  std::size_t pairs_;
  Schedule schedule_;
  std::int64_t step_ = 0;
  Progress progress_;
};

}  // namespace

BestEpoch fitPredictor(const PredictorFit& parts, const TrainSettings& settings, const std::filesystem::path& log,
                       const RunProgram& run, const Workers& workers, const std::function<bool()>& stop) {
  PredictorTraining training(parts, settings, run, workers, stop);
  return fit(training, {settings.epochs, 1, "train.learning_rate"},
             [&](const std::string& lines) { writeFileAtomically(log, lines); });
}

}  // namespace polar
