// Against numpy 2.4.6 and scipy 1.17.1 (tests/search/make_ridge.py prints the numbers).
#include "search/ridge.h"

#include <cmath>

#include "catch.h"
#include "search/edit_features.h"

namespace polar {
namespace {

bool near(double a, double b) { return std::abs(a - b) < 1e-9; }

}  // namespace

TEST_CASE("ridge: weights, variances, and what one more row does to them, as numpy has it") {
  Eigen::MatrixXd x(5, 3), fresh(2, 3);
  x << 1, 0, 2, 0, 1, 1, 1, 1, 0, 2, 0, 1, 0, 3, 1;
  fresh << 1, 2, 3, 0, 0, 1;
  Eigen::VectorXd y(5);
  y << 1, -1, 0.5, 2, -2;
  Ridge ridge(x, y, 0.7);
  CHECK(near(ridge.weights()[0], 0.9317607337865025));
  CHECK(near(ridge.weights()[1], -0.6251368053660687));
  CHECK(near(ridge.weights()[2], -0.029415027750874664));
  Eigen::VectorXd variances = ridge.variances(fresh);
  CHECK(near(variances[0], 1.2466454574621517));
  CHECK(near(variances[1], 0.23205188559023457));
  ridge.shrink(fresh.row(0).transpose(), fresh, variances);
  CHECK(near(variances[0], 0.5548919404801784));
  CHECK(near(variances[1], 0.1493334116324975));
  CHECK(near((variances - ridge.variances(fresh)).norm(), 0));
}

TEST_CASE("ridge on nothing is the prior") {
  const Ridge ridge(Eigen::MatrixXd(0, 2), Eigen::VectorXd(0), 4);
  CHECK(ridge.weights().norm() == 0);
  CHECK(near(ridge.variances(Eigen::MatrixXd::Identity(2, 2))[0], 0.25));
}

TEST_CASE("Spearman's rho, as scipy has it") {
  CHECK(near(spearman({3, 1, 4, 1, 5, 9, 2, 6}, {2, 7, 1, 8, 2, 8, 1, 8}), 0.19885368120992467));
  CHECK(near(spearman({0.5, -1, 2, 7}, {1, 0, 20, 30}), 1));
  CHECK(near(spearman({1, 2, 3}, {3, 2, 1}), -1));
  CHECK(std::isnan(spearman({1, 1, 1}, {3, 2, 1})));
  CHECK(std::isnan(spearman({}, {})));
}

TEST_CASE("features of a program, by hand") {
  const EditSpace space{.depth = 3, .maxLength = 2};
  Eigen::RowVectorXd row(featureCount(space));
  REQUIRE(row.size() == 3 * 3 + 4 + 3);
  writeFeatures({{0, 1, SegmentOp::skip, 0}, {1, 2, SegmentOp::repeat, 4}}, space, row);
  Eigen::RowVectorXd expected(row.size());
  expected << 1, 0, 0,  // skipped
      0, 2, 2,          // log2 of passes
      0, 0, 2,          // … of the repeat that ends here
      1, 0,             // skips of 1, 2 layers
      0, 1,             // repeats of 1, 2 layers
      2, 1, 5.0 / 3;    // edits, squared / 4, (-1 + 6) / 3 layers more
  CHECK((row - expected).norm() < 1e-12);
  writeFeatures({}, space, row);
  CHECK(row.norm() == 0);
}

}  // namespace polar
