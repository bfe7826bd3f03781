// Logistic regression.
#pragma once

#include <ATen/core/TensorBody.h>

namespace polar {

// The parameters that minimise −log P(outcomes) + Σ precision · parameter² / 2 where P(1) =
// sigmoid(inputs · parameters): Newton's method, in doubles. inputs: [N, P]; outcomes: [N], 0 or 1;
// precision: [P], above 0, so that there is one finite answer whatever the outcomes. Deterministic.
at::Tensor fitLogistic(const at::Tensor& inputs, const at::Tensor& outcomes, const at::Tensor& precision);

}  // namespace polar
