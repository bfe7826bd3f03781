#include "train/value_member.h"

#include <cmath>
#include <numbers>
#include <numeric>
#include <optional>

#include "train/best_weights.h"
#include "train/one_thread.h"
#include "train/trained_files.h"
#include "train/value_network.h"

namespace polar {
namespace {

using Stop = std::function<bool()>;

// [Q, K]: what a label counts in the loss.
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

class MemberTraining {
 public:
  MemberTraining(MemberFit& fit, const ValueSettings& settings, const Stop& stop)
      : model_(fit.model), member_(fit.member), network_(fit.model.member(fit.member)), train_(fit.train),
        validation_(fit.validation), settings_(settings), weights_(labelWeights(train_.right, settings)), stop_(stop),
        random_(fit.random),
        optimizer_(network_.parameters(),
                   torch::optim::AdamWOptions(settings.learningRate).weight_decay(settings.weightDecay)),
        steps_(settings.epochs * ((train_.count() + settings.batch - 1) / settings.batch)) {
    network_.standardise(train_.features);
  }

  std::string run(Progress& progress) {
    BestWeights<ValueScore> best;
    std::string log;
    for (int epoch = 1; epoch <= settings_.epochs; ++epoch) {
      const double loss = runEpoch();
      progress.advance(1);
      requireFinite(loss, epoch, "train.value.learning_rate");
      if (epoch % settings_.evaluateEvery != 0 && epoch != settings_.epochs) continue;
      const auto score = validate();
      const bool isBest = best.offer(epoch, score, network_);
      log += lineOf(epoch, loss, score, isBest) + "\n";
    }
    best.restore(network_);
    return log;
  }

 private:
  double runEpoch() {
    std::vector<std::int64_t> order(static_cast<std::size_t>(train_.count()));
    std::iota(order.begin(), order.end(), std::int64_t{0});
    random_.shuffle(order);
    const at::Tensor rows = torch::tensor(order);
    double sum = 0;
    for (const at::Tensor& batch : rows.split(settings_.batch)) {
      requireGoingOn(stop_);
      for (auto& group : optimizer_.param_groups()) group.options().set_lr(learningRate());
      optimizer_.zero_grad();
      const Dropout dropout(model_.shape().dropout, random_.next());
      const at::Tensor loss = meanLoss(network_.forward(train_.features.index_select(0, batch), model_.edits(), dropout),
                                       train_.labels.index_select(0, batch), weights_.index_select(0, batch));
      loss.backward();
      optimizer_.step();
      ++step_;
      sum += loss.item<double>() * static_cast<double>(batch.numel());
    }
    return sum / static_cast<double>(train_.count());
  }

  double learningRate() const {
    const double progress = static_cast<double>(step_) / static_cast<double>(steps_);
    return settings_.learningRate * 0.5 * (1 + std::cos(std::numbers::pi * progress));
  }

  std::optional<ValueScore> validate() {
    if (validation_.count() == 0) return std::nullopt;
    const torch::NoGradGuard noGrad;
    const at::Tensor logits = network_.forward(validation_.features, model_.edits());
    ValueScore score = scoreChoices(model_, torch::sigmoid(logits), validation_.right);
    score.loss = meanLoss(logits, validation_.labels, torch::ones_like(logits)).item<double>();
    return score;
  }

  std::string lineOf(int epoch, double loss, const std::optional<ValueScore>& score, bool isBest) const {
    OrderedJson line{{"member", member_}, {"epoch", epoch}, {"learning_rate", learningRate()}, {"train_loss", loss}};
    line["validation_loss"] = score ? OrderedJson(score->loss) : OrderedJson();
    line["validation_pass_at_1"] = score ? OrderedJson(score->passAt1) : OrderedJson();
    line["validation_executed"] = score ? OrderedJson(score->executed) : OrderedJson();
    line["best"] = isBest;
    return line.dump();
  }

  const ValueModel& model_;
  int member_;
  ValueNetwork& network_;
  const ValueRows &train_, &validation_;
  const ValueSettings& settings_;
  at::Tensor weights_;
  const Stop& stop_;
  Random random_;
  torch::optim::AdamW optimizer_;
  std::int64_t steps_, step_ = 0;
};

}  // namespace

ValueRows ValueRows::select(const std::vector<std::int64_t>& rows) const {
  const auto index = torch::tensor(rows, torch::kLong);
  return {features.index_select(0, index), right.index_select(0, index), labels.index_select(0, index)};
}

ValueScore scoreChoices(const ValueModel& model, const at::Tensor& probabilities, const at::Tensor& right) {
  ValueScore score;
  const at::Tensor rows = probabilities.to(torch::kDouble).contiguous(), verdicts = right.contiguous();
  const std::size_t count = model.menu().size(), questions = static_cast<std::size_t>(rows.size(0));
  for (std::size_t q = 0; q < questions; ++q) {
    const double* row = rows.data_ptr<double>() + q * count;
    const std::size_t choice = model.rank({row, row + count}, 0, 0, 1).front();
    score.passAt1 += verdicts.data_ptr<float>()[q * count + choice];
    score.executed += model.menu()[choice].executed();
  }
  score.passAt1 /= static_cast<double>(questions);
  score.executed /= static_cast<double>(questions);
  return score;
}

std::string fitMember(MemberFit fit, const ValueSettings& settings, Progress& progress, const Stop& stop) {
  return MemberTraining(fit, settings, stop).run(progress);
}

}  // namespace polar
