// Fits one menu chooser. Internal to train/.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "config/experiment.h"
#include "train/chooser_model.h"

namespace polar {

// [Q]: whether a question has a valid program; the others teach nothing. valid: [Q, K], 0 or 1.
at::Tensor teaches(const at::Tensor& valid);

// −log of the probability that a softmax over the menu gives to the programs of `valid`, the mean over the questions
// that teach; 0 where there is none. logits, valid: [Q, K].
at::Tensor setLoss(const at::Tensor& logits, const at::Tensor& valid);

// Questions to learn from, standardised and reduced once for all penalties.
class ChooserFit {
 public:
  // features: [Q, F]; valid: [Q, K].
  ChooserFit(const at::Tensor& features, const at::Tensor& valid, MenuChoice menu, const ChooserSettings& settings,
             std::uint64_t seed);

  // The model that minimises setLoss + penalty / 2 · (squares of programs and interaction, a tenth of those of
  // intercepts): all questions at once, `steps` steps of L-BFGS from initial values of the seed. Not calibrated.
  // Deterministic. Stopped where `stop` returns true.
  std::unique_ptr<ChooserModel> at(double penalty, const std::function<bool()>& stop) const;

 private:
  ChooserShape shape_;
  MenuChoice menu_;
  ChooserWeights read_;         // mean, scale and components
  at::Tensor reduced_, valid_;  // of the questions that teach, in doubles: [Q', C], [Q', K]
  int steps_;
  std::uint64_t seed_;
};

}  // namespace polar
