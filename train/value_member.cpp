#include "train/value_member.h"

#include <torch/torch.h>

#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>

#include "train/menu_training.h"
#include "train/one_thread.h"
#include "train/schedule.h"
#include "train/value_network.h"

namespace polar {
namespace {

using Stop = std::function<bool()>;

// [Q, K]: the weight of each label in the loss.
at::Tensor labelWeights(const at::Tensor& right, const ValueSettings& settings) {
  at::Tensor weights = torch::ones_like(right);
  if (settings.classWeights) {
    const at::Tensor share = right.mean(0, /*keepdim=*/true).clamp(0.01, 0.99);
    weights = right * (0.5 / share) + (1 - right) * (0.5 / (1 - share));
  }
  return weights + settings.gainWeight * right.ne(right.slice(1, 0, 1)).to(torch::kFloat);
}

at::Tensor meanLoss(const at::Tensor& logits, const at::Tensor& right, const at::Tensor& weights) {
  const auto each = torch::nn::functional::binary_cross_entropy_with_logits(
      logits, right, torch::nn::functional::BinaryCrossEntropyWithLogitsFuncOptions().reduction(torch::kNone));
  return (each * weights).sum() / weights.sum();
}

class MemberTraining final : public EpochTraining {
 public:
  MemberTraining(const MemberFit& parts, const ValueSettings& settings, Progress& progress, const Stop& stop)
      : model_(parts.model), member_(parts.member), network_(parts.model.member(parts.member)), train_(parts.train),
        validation_(parts.validation), settings_(settings), progress_(progress), stop_(stop),
        weights_(labelWeights(train_.right, settings)), random_(parts.random),
        optimizer_(network_.parameters(),
                   torch::optim::AdamWOptions(settings.learningRate).weight_decay(settings.weightDecay)),
        schedule_(settings.learningRate, settings.epochs * ((train_.count() + settings.batch - 1) / settings.batch)) {
    network_.standardise(train_.features);
  }

  torch::nn::Module& network() override { return network_; }

  double runEpoch(int) override {
    std::vector<std::int64_t> order(static_cast<std::size_t>(train_.count()));
    std::iota(order.begin(), order.end(), std::int64_t{0});
    random_.shuffle(order);
    const at::Tensor rows = torch::tensor(order);
    double sum = 0;
    for (const at::Tensor& batch : rows.split(settings_.batch)) {
      requireGoingOn(stop_);
      sum += step(batch) * static_cast<double>(batch.numel());
    }
    progress_.advance(1);
    return sum / static_cast<double>(train_.count());
  }

  std::optional<ValidationScore> validate() override {
    if (validation_.count() == 0) return std::nullopt;
    const torch::NoGradGuard noGrad;
    const at::Tensor logits = network_.forward(validation_.features, model_.edits());
    ValidationScore score = scoreChoices(model_.choice, torch::sigmoid(logits), validation_.right);
    score.loss = meanLoss(logits, validation_.labels, torch::ones_like(logits)).item<double>();
    return score;
  }

  nlohmann::ordered_json report(const EpochResult& result) override {
    return {{"member", member_},
            {"epoch", result.epoch},
            {"learning_rate", schedule_.rate(step_)},
            {"train_loss", result.loss},
            {"validation_loss", lossJson(result.score)},
            {"validation_pass_at_1", passAt1Json(result.score)},
            {"validation_executed", executedJson(result.score)}};
  }

 private:
  // batch: rows of the training questions. Returns their mean loss.
  double step(const at::Tensor& batch) {
    optimizer_.param_groups().front().options().set_lr(schedule_.rate(step_));
    optimizer_.zero_grad();
    const Dropout dropout(model_.shape().dropout, random_.next());
    const at::Tensor loss = meanLoss(network_.forward(train_.features.index_select(0, batch), model_.edits(), dropout),
                                     train_.labels.index_select(0, batch), weights_.index_select(0, batch));
    loss.backward();
    optimizer_.step();
    ++step_;
    return loss.item<double>();
  }

  const ValueModel& model_;
  int member_;
  ValueNetwork& network_;
  const ValueRows &train_, &validation_;
  const ValueSettings& settings_;
  Progress& progress_;
  const Stop& stop_;
  at::Tensor weights_;
  Random random_;
  torch::optim::AdamW optimizer_;
  Schedule schedule_;
  std::int64_t step_ = 0;
};

}  // namespace

ValueRows ValueRows::select(const std::vector<std::int64_t>& rows) const {
  return {rowsOf(features, rows), rowsOf(right, rows), rowsOf(labels, rows)};
}

std::string fitMember(const MemberFit& parts, const ValueSettings& settings, Progress& progress, const Stop& stop) {
  MemberTraining training(parts, settings, progress, stop);
  std::string log;
  fit(training, {settings.epochs, settings.evaluateEvery, "train.value.learning_rate"},
      [&](const std::string& lines) { log = lines; });
  return log;
}

}  // namespace polar
