#include "train/score_calibration.h"

#include <ATen/ATen.h>

namespace polar {
namespace {

constexpr int kNewtonSteps = 50;
constexpr double kWeak = 1;  // precision of a prior around 0: of one pair, or less
// Of a program's own part of its intercept. Programs of a menu differ by some 0.3 in log odds.
constexpr double kPrograms = 10;

// [..., 2]: what b and c are multiplied by.
at::Tensor scoreInputs(const at::Tensor& scores) {
  const at::Tensor s = scores.to(at::kDouble);
  return at::stack({s, s - s.narrow(-1, 0, 1)}, -1);
}

struct Pairs {
  at::Tensor inputs, right;  // [N, P], [N]
  at::Tensor precision;      // [P]: of the priors

  double loss(const at::Tensor& parameters) const {
    const at::Tensor logits = at::mv(inputs, parameters);
    // −log P(outcome) = log(1 + e^logit) − right · logit.
    const at::Tensor all = at::logaddexp(logits, at::zeros_like(logits)) - right * logits;
    return (all.sum() + 0.5 * (precision * parameters.square()).sum()).item<double>();
  }

  at::Tensor newtonStep(const at::Tensor& parameters) const {
    const at::Tensor p = at::sigmoid(at::mv(inputs, parameters)), weights = (p * (1 - p)).unsqueeze(1);
    const at::Tensor gradient = at::mv(inputs.t(), p - right) + precision * parameters;
    return at::linalg_solve(at::mm(inputs.t(), inputs * weights) + at::diag(precision), gradient);
  }

  at::Tensor best() const {
    at::Tensor parameters = at::zeros({inputs.size(1)}, at::kDouble);
    double least = loss(parameters);
    for (int i = 0; i < kNewtonSteps; ++i) {
      at::Tensor step = newtonStep(parameters);
      // A full step may go too far where nearly all pairs are certain: halved until the loss falls.
      double next = loss(parameters - step);
      for (int halved = 0; halved < 30 && !(next < least); ++halved) {
        step = step / 2;
        next = loss(parameters - step);
      }
      if (!(next < least)) break;
      parameters = parameters - step;
      least = next;
    }
    return parameters;
  }
};

}  // namespace

// Fitted with scores that have no mean over the questions, so that the prior draws intercepts, not what is left of them
// beside b · s, together. Parameters there: a common intercept, each program's own, b, c.
ScoreCalibration ScoreCalibration::fitted(const at::Tensor& scores, const at::Tensor& right) {
  const auto questions = scores.size(0), programs = scores.size(1);
  const at::Tensor inputs = scoreInputs(scores);
  const at::Tensor means = questions > 0 ? inputs.mean(0) : at::zeros({programs, 2}, at::kDouble);
  const at::Tensor own = at::eye(programs, at::kDouble).unsqueeze(0).expand({questions, programs, programs});
  Pairs pairs{at::cat({at::ones({questions, programs, 1}, at::kDouble), own, inputs - means}, 2).flatten(0, 1),
              right.to(at::kDouble).flatten(), at::full({programs + 3}, kWeak, at::kDouble)};
  pairs.precision.narrow(0, 1, programs).fill_(kPrograms);
  const at::Tensor found = pairs.best(), slopes = found.narrow(0, programs + 1, 2);
  return {at::cat({found[0] + found.narrow(0, 1, programs) - at::mv(means, slopes), slopes})};
}

at::Tensor ScoreCalibration::probabilities(const at::Tensor& scores) const {
  const at::Tensor exact = parameters.to(at::kDouble);
  const auto programs = exact.numel() - 2;
  return at::sigmoid(exact.narrow(0, 0, programs) + at::matmul(scoreInputs(scores), exact.narrow(0, programs, 2)));
}

}  // namespace polar
