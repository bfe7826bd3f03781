// Turns scores of a menu's programs into P(right). A softmax over the menu says which programs are likelier than
// others, not how likely: where all of ten programs are right, each has a tenth, or one of them has all.
#pragma once

#include <ATen/core/TensorBody.h>

namespace polar {

// P(right) = sigmoid(a + b · s + c · (s − s of the standard program)), s the logarithm of the softmax.
struct ScoreCalibration {
  at::Tensor parameters;  // [3]: a, b, c

  // By Newton's method on the likelihood of all (question, program) pairs, in doubles, with a prior as weak as a pair,
  // without which scores that separate right from wrong would have no finite answer. scores, right: [Q, K].
  static ScoreCalibration fitted(const at::Tensor& scores, const at::Tensor& right);

  // [..., K] from scores [..., K], in doubles.
  at::Tensor probabilities(const at::Tensor& scores) const;
};

}  // namespace polar
