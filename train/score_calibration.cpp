#include "train/score_calibration.h"

#include <ATen/ATen.h>

namespace polar {
namespace {

constexpr int kNewtonSteps = 50;
constexpr double kPrior = 1;  // precision of each parameter, around 0

// [..., 3]
at::Tensor calibrationInputs(const at::Tensor& scores) {
  const at::Tensor s = scores.to(at::kDouble);
  return at::stack({at::ones_like(s), s, s - s.narrow(-1, 0, 1)}, -1);
}

double penalisedLoss(const at::Tensor& inputs, const at::Tensor& right, const at::Tensor& parameters) {
  const at::Tensor logits = at::mv(inputs, parameters);
  // −log P(outcome) = log(1 + e^logit) − right · logit.
  const at::Tensor loss = at::logaddexp(logits, at::zeros_like(logits)) - right * logits;
  return (loss.sum() + 0.5 * kPrior * parameters.square().sum()).item<double>();
}

}  // namespace

ScoreCalibration ScoreCalibration::fitted(const at::Tensor& scores, const at::Tensor& right) {
  const at::Tensor inputs = calibrationInputs(scores).reshape({-1, 3}), outcomes = right.to(at::kDouble).reshape({-1}),
                   prior = kPrior * at::eye(3, at::kDouble);
  at::Tensor parameters = at::zeros({3}, at::kDouble);
  double loss = penalisedLoss(inputs, outcomes, parameters);
  for (int i = 0; i < kNewtonSteps; ++i) {
    const at::Tensor p = at::sigmoid(at::mv(inputs, parameters)), weights = (p * (1 - p)).unsqueeze(1);
    const at::Tensor gradient = at::mv(inputs.t(), p - outcomes) + kPrior * parameters,
                     curvature = at::mm(inputs.t(), inputs * weights) + prior;
    at::Tensor step = at::linalg_solve(curvature, gradient);
    // A full step may go too far where nearly all pairs are certain: halved until the loss falls.
    double next = penalisedLoss(inputs, outcomes, parameters - step);
    for (int halved = 0; halved < 30 && !(next < loss); ++halved) {
      step = step / 2;
      next = penalisedLoss(inputs, outcomes, parameters - step);
    }
    if (!(next < loss)) break;
    parameters = parameters - step;
    loss = next;
  }
  return {parameters};
}

at::Tensor ScoreCalibration::probabilities(const at::Tensor& scores) const {
  return at::sigmoid(at::matmul(calibrationInputs(scores), parameters.to(at::kDouble)));
}

}  // namespace polar
