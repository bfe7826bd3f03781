#include "train/score_calibration.h"

#include <ATen/ATen.h>

#include "train/logistic.h"

namespace polar {
namespace {

constexpr double kWeak = 1;  // precision of a prior around 0: of one pair, or less
// Of a program's own part of its intercept. Programs of a menu differ by some 0.3 in log odds.
constexpr double kPrograms = 10;

// [..., 2]: what b and c are multiplied by.
at::Tensor scoreInputs(const at::Tensor& scores) {
  const at::Tensor s = scores.to(at::kDouble);
  return at::stack({s, s - s.narrow(-1, 0, 1)}, -1);
}

}  // namespace

// Fitted with scores that have no mean over the questions, so that the prior draws intercepts, not what is left of them
// beside b · s, together. Parameters there: a common intercept, each program's own, b, c.
ScoreCalibration ScoreCalibration::fitted(const at::Tensor& scores, const at::Tensor& right) {
  const auto questions = scores.size(0), programs = scores.size(1);
  const at::Tensor inputs = scoreInputs(scores);
  const at::Tensor means = questions > 0 ? inputs.mean(0) : at::zeros({programs, 2}, at::kDouble);
  const at::Tensor own = at::eye(programs, at::kDouble).unsqueeze(0).expand({questions, programs, programs});
  const at::Tensor all = at::cat({at::ones({questions, programs, 1}, at::kDouble), own, inputs - means}, 2);
  const at::Tensor precision = at::full({programs + 3}, kWeak, at::kDouble);
  precision.narrow(0, 1, programs).fill_(kPrograms);
  const at::Tensor found = fitLogistic(all.flatten(0, 1), right.flatten(), precision),
                   slopes = found.narrow(0, programs + 1, 2);
  return {at::cat({found[0] + found.narrow(0, 1, programs) - at::mv(means, slopes), slopes})};
}

at::Tensor ScoreCalibration::probabilities(const at::Tensor& scores) const {
  const at::Tensor exact = parameters.to(at::kDouble);
  const auto programs = exact.numel() - 2;
  return at::sigmoid(exact.narrow(0, 0, programs) + at::matmul(scoreInputs(scores), exact.narrow(0, programs, 2)));
}

}  // namespace polar
