#include "train/logistic.h"

#include <ATen/ATen.h>
#undef CHECK

#include <cmath>

#include "catch.h"

using namespace polar;

namespace {

at::Tensor rows() {
  std::vector<double> all;
  for (int i = 0; i < 24; ++i)
    for (const double each : {1.0, ((7 * i) % 11) / 5.0 - 1, ((5 * i) % 13) / 6.0 - 1}) all.push_back(each);
  return at::tensor(all, at::kDouble).reshape({24, 3});
}

at::Tensor outcomes() {
  std::vector<double> all;
  for (int i = 0; i < 24; ++i) all.push_back((3 * i) % 7 < 3 + i % 3 ? 1 : 0);
  return at::tensor(all, at::kDouble);
}

}  // namespace

TEST_CASE("logistic regression, against scikit-learn") {
  // LogisticRegression(C=1, fit_intercept=False, tol=1e-14, solver="newton-cholesky") of
  // scikit-learn 1.9.1 on these rows; for precisions other than 1 on rows divided by their roots.
  const double equal[] = {0.290410355, 0.01980880314, -0.228552478},
               unequal[] = {0.3231917947, -0.002363892939, -0.06699753689};
  const at::Tensor a = fitLogistic(rows(), outcomes(), at::ones({3}, at::kDouble)),
                   b = fitLogistic(rows(), outcomes(), at::tensor({0.25, 4.0, 9.0}, at::kDouble));
  for (int i = 0; i < 3; ++i) {
    CHECK(std::abs(a[i].item<double>() - equal[i]) < 1e-6);
    CHECK(std::abs(b[i].item<double>() - unequal[i]) < 1e-6);
  }
}

TEST_CASE("logistic regression is finite where inputs separate the outcomes, and 0 without any") {
  const at::Tensor inputs = at::tensor({-2.0, -1.0, 1.0, 2.0}, at::kDouble).reshape({4, 1}),
                   right = at::tensor({0.0, 0.0, 1.0, 1.0}, at::kDouble), weak = at::full({1}, 1e-6, at::kDouble);
  const double found = fitLogistic(inputs, right, weak).item<double>();
  CHECK(found > 5);
  CHECK(found < 100);
  CHECK(fitLogistic(inputs.slice(0, 0, 0), right.slice(0, 0, 0), weak).item<double>() == 0);
}
