// From a row of logits to the next token: one implementation for
// every executor, so that ties, margins and samples agree.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>

#include "support/random.h"

namespace polar {

struct TokenChoice {
  std::int32_t token = 0;
  float margin = 0;  // top-1 minus top-2 logit
};

class TokenChooser {
 public:
  // temperature 0: the largest logit, the smaller id on a tie. Else a draw from softmax(logits / temperature).
  TokenChooser(double temperature, std::uint64_t seed) : temperature_(temperature), random_(seed) {}

  // logits: fp32 [1, vocabulary] or [vocabulary].
  TokenChoice operator()(const at::Tensor& logits);

 private:
  double temperature_;
  Random random_;
};

// log softmax(logits)[token] of one fp32 row, summed in double in index order.
double logProbability(const at::Tensor& logits, std::int32_t token);

}  // namespace polar
