// Turns scores of a menu's programs into P(right). A softmax over the menu says which programs are likelier than
// others, not how likely: where all of ten programs are right, each has a tenth, or one of them has all. Nor are its
// shares the programs' accuracies: the likelihood of a set favours programs that answer what no other does.
#pragma once

#include <ATen/core/TensorBody.h>

namespace polar {

// P(right) = sigmoid(a_π + b · s + c · (s − s of the standard program)), s the logarithm of the softmax. So how good a
// program is on all questions comes from its verdicts, and the scores say on which questions it is better.
struct ScoreCalibration {
  at::Tensor parameters;  // [K + 2]: a of each program, b, c

  // By Newton's method on the likelihood of all (question, program) pairs, in doubles. Priors: a program's accuracy is
  // that of all, unless a good number of questions says otherwise; b and c as weak as one pair, without which scores
  // that separate right from wrong would have no finite answer. scores, right: [Q, K].
  static ScoreCalibration fitted(const at::Tensor& scores, const at::Tensor& right);

  // [..., K] from scores [..., K], in doubles.
  at::Tensor probabilities(const at::Tensor& scores) const;
};

}  // namespace polar
