#include "search/ridge.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace polar {
namespace {

std::vector<double> ranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> result(values.size());
  for (std::size_t from = 0, to = 0; from < order.size(); from = to) {
    while (to < order.size() && values[order[to]] == values[order[from]]) ++to;
    for (std::size_t i = from; i < to; ++i) result[order[i]] = static_cast<double>(from + to - 1) / 2;
  }
  return result;
}

}  // namespace

Ridge::Ridge(const Eigen::MatrixXd& rows, const Eigen::VectorXd& targets, double penalty) {
  const Eigen::Index d = rows.cols();
  const Eigen::MatrixXd precision = rows.transpose() * rows + penalty * Eigen::MatrixXd::Identity(d, d);
  const Eigen::LLT<Eigen::MatrixXd> factors(precision);
  covariance_ = factors.solve(Eigen::MatrixXd::Identity(d, d));
  weights_ = factors.solve(rows.transpose() * targets);
}

Eigen::VectorXd Ridge::variances(const Eigen::MatrixXd& rows) const {
  return (rows * covariance_).cwiseProduct(rows).rowwise().sum();
}

void Ridge::shrink(const Eigen::VectorXd& seen, const Eigen::MatrixXd& rows, Eigen::VectorXd& variances) {
  // Sherman and Morrison 1950.
  const Eigen::VectorXd along = covariance_ * seen;
  const double scale = 1 / (1 + seen.dot(along));
  variances -= scale * (rows * along).cwiseAbs2();
  covariance_ -= scale * along * along.transpose();
}

double spearman(const std::vector<double>& x, const std::vector<double>& y) {
  const std::vector<double> a = ranks(x), b = ranks(y);
  const double middle = (static_cast<double>(x.size()) - 1) / 2;
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - middle) * (b[i] - middle);
    aa += (a[i] - middle) * (a[i] - middle);
    bb += (b[i] - middle) * (b[i] - middle);
  }
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace polar
