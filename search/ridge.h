// Ridge regression as a Gaussian posterior (Eigen), and Spearman's rank correlation.
#pragma once

#include <Eigen/Core>
#include <vector>

namespace polar {

// y ≈ x·w without intercept, w ~ N(0, I/penalty), noise of variance 1: the mean and deviation of x·w given the rows.
class Ridge {
 public:
  // rows: n × d, targets: n; penalty > 0. n may be 0.
  Ridge(const Eigen::MatrixXd& rows, const Eigen::VectorXd& targets, double penalty);

  // Of each row: n × d → n.
  Eigen::VectorXd means(const Eigen::MatrixXd& rows) const { return rows * weights_; }
  Eigen::VectorXd variances(const Eigen::MatrixXd& rows) const;
  // What `variances` of the rows become with `seen` as a further row, whose target has no effect on them. The
  // regression keeps that row for later calls.
  void shrink(const Eigen::VectorXd& seen, const Eigen::MatrixXd& rows, Eigen::VectorXd& variances);

  const Eigen::VectorXd& weights() const { return weights_; }

 private:
  Eigen::MatrixXd covariance_;  // (XᵀX + penalty·I)⁻¹
  Eigen::VectorXd weights_;
};

// Spearman's ρ with average ranks for ties. NaN where one of the two is constant. Equal sizes.
double spearman(const std::vector<double>& x, const std::vector<double>& y);

}  // namespace polar
