#include "train/logistic.h"

#include <ATen/ATen.h>

namespace polar {
namespace {

constexpr int kSteps = 50, kHalvings = 30;

struct Penalised {
  const at::Tensor inputs, outcomes, precision;

  double loss(const at::Tensor& parameters) const {
    const at::Tensor logits = at::mv(inputs, parameters);
    // −log P(outcome) = log(1 + e^logit) − outcome · logit.
    const at::Tensor all = at::logaddexp(logits, at::zeros_like(logits)) - outcomes * logits;
    return (all.sum() + 0.5 * (precision * parameters.square()).sum()).item<double>();
  }

  at::Tensor newtonStep(const at::Tensor& parameters) const {
    const at::Tensor p = at::sigmoid(at::mv(inputs, parameters)), weights = (p * (1 - p)).unsqueeze(1);
    const at::Tensor gradient = at::mv(inputs.t(), p - outcomes) + precision * parameters;
    return at::linalg_solve(at::mm(inputs.t(), inputs * weights) + at::diag(precision), gradient);
  }
};

}  // namespace

at::Tensor fitLogistic(const at::Tensor& inputs, const at::Tensor& outcomes, const at::Tensor& precision) {
  const Penalised penalised{inputs.to(at::kDouble), outcomes.to(at::kDouble), precision.to(at::kDouble)};
  at::Tensor parameters = at::zeros({inputs.size(1)}, at::kDouble);
  double least = penalised.loss(parameters);
  for (int i = 0; i < kSteps; ++i) {
    at::Tensor step = penalised.newtonStep(parameters);
    // A full step may go too far where nearly all outcomes are certain: halved until the loss falls.
    double next = penalised.loss(parameters - step);
    for (int halved = 0; halved < kHalvings && !(next < least); ++halved) {
      step = step / 2;
      next = penalised.loss(parameters - step);
    }
    if (!(next < least)) break;
    parameters = parameters - step;
    least = next;
  }
  return parameters;
}

}  // namespace polar
