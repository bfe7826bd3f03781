// The weights of the best epoch so far. Internal: it brings <torch/torch.h>.
#pragma once

#include <torch/torch.h>

#include <optional>
#include <vector>

namespace polar {

// Score has betterThan(other). Without scores the latest epoch is the best.
template <typename Score>
class BestWeights {
 public:
  // Whether this epoch is the new best.
  bool offer(int epoch, const std::optional<Score>& score, const torch::nn::Module& network) {
    if (epoch_ != 0 && score && !score->betterThan(*score_)) return false;
    epoch_ = epoch;
    score_ = score;
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
  int epoch() const { return epoch_; }
  const std::optional<Score>& score() const { return score_; }

 private:
  int epoch_ = 0;
  std::optional<Score> score_;
  std::vector<at::Tensor> weights_;
};

}  // namespace polar
