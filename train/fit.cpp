#include "train/fit.h"

#include <torch/torch.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "support/error.h"

namespace polar {
namespace {

class BestWeights {
 public:
  // Whether this epoch is the new best one. Without scores the latest is.
  bool offer(const EpochResult& result, const torch::nn::Module& network) {
    if (best_.epoch != 0 && result.score && !result.score->betterThan(*best_.score)) return false;
    best_ = {result.epoch, result.score};
    weights_.clear();
    for (const auto& parameter : network.parameters()) weights_.push_back(parameter.detach().clone());
    return true;
  }

  void restore(torch::nn::Module& network) const {
    const torch::NoGradGuard noGrad;
    const auto parameters = network.parameters();
    for (std::size_t i = 0; i < weights_.size(); ++i) parameters[i].copy_(weights_[i]);
    network.eval();
  }

  const BestEpoch& best() const { return best_; }

 private:
  BestEpoch best_;
  std::vector<at::Tensor> weights_;
};

void requireFinite(double loss, int epoch, const std::string& rateKey) {
  if (!std::isfinite(loss))
    throw InputError("train", "a loss that is not finite in epoch " + std::to_string(epoch), "a finite loss",
                     "lower " + rateKey);
}

}  // namespace

bool ValidationScore::betterThan(const ValidationScore& other) const {
  return passAt1 != other.passAt1 ? passAt1 > other.passAt1 : loss && *loss < *other.loss;
}

BestEpoch fit(EpochTraining& training, const FitPlan& plan,
              const std::function<void(const std::string& lines)>& writeLog) {
  BestWeights weights;
  std::string lines;
  for (int epoch = 1; epoch <= plan.epochs; ++epoch) {
    const double loss = training.runEpoch(epoch);
    requireFinite(loss, epoch, plan.rateKey);
    if (epoch % plan.evaluateEvery != 0 && epoch != plan.epochs) continue;
    const EpochResult result{epoch, loss, training.validate()};
    const bool isBest = weights.offer(result, training.network());
    nlohmann::ordered_json line = training.report(result);
    line["best"] = isBest;
    lines += line.dump() + "\n";
    writeLog(lines);
  }
  weights.restore(training.network());
  return weights.best();
}

nlohmann::ordered_json passAt1Json(const std::optional<ValidationScore>& score) {
  return score ? nlohmann::ordered_json(score->passAt1) : nlohmann::ordered_json();
}

nlohmann::ordered_json lossJson(const std::optional<ValidationScore>& score) {
  return score && score->loss ? nlohmann::ordered_json(*score->loss) : nlohmann::ordered_json();
}

nlohmann::ordered_json executedJson(const std::optional<ValidationScore>& score) {
  return score && score->executed ? nlohmann::ordered_json(*score->executed) : nlohmann::ordered_json();
}

}  // namespace polar
