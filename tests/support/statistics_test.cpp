#include "support/statistics.h"

#include <tbb/global_control.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "catch.h"

using namespace polar;

namespace {

// SciPy, statsmodels and NumPy's numbers (make_statistics.py).
nlohmann::json recorded() {
  return nlohmann::json::parse(polar::testing::slurp(polar::testing::fixture("support/statistics.json")));
}

bool near(double found, double expected, double relative) {
  return std::abs(found - expected) <= relative * std::max(std::abs(expected), 1e-300);
}

}  // namespace

TEST_CASE("wilson interval is statsmodels'") {
  const auto rows = recorded()["wilson"];
  REQUIRE(rows.size() == 40);
  for (const auto& row : rows) {
    const Interval interval = wilson(row[0], row[1], row[2]);
    CAPTURE(row.dump());
    // statsmodels leaves rounding dust of 1e-17 where the bound is 0.
    CHECK(std::abs(interval.low - row[3].get<double>()) < 1e-13);
    CHECK(std::abs(interval.high - row[4].get<double>()) < 1e-13);
  }
  CHECK(wilson(0, 0).low == 0);
  CHECK(wilson(0, 0).high == 1);
  CHECK(wilson(0, 7).low == 0);
  CHECK(wilson(7, 7).high == 1);
  CHECK_THROWS_AS(wilson(3, 2), std::logic_error);
  CHECK_THROWS_AS(wilson(1, 2, 1.0), std::logic_error);
}

TEST_CASE("McNemar's exact p is statsmodels'") {
  const auto rows = recorded()["mcnemar"];
  REQUIRE(rows.size() == 11);
  for (const auto& row : rows) {
    CAPTURE(row.dump());
    CHECK(near(mcnemarExact(row[0], row[1]), row[2], 1e-10));
    CHECK(mcnemarExact(row[0], row[1]) == mcnemarExact(row[1], row[0]));
  }
  // Beyond what a factorial or 2^-n holds.
  const double huge = mcnemarExact(500000, 501000);
  CHECK(huge > 0.31);
  CHECK(huge < 0.33);
}

TEST_CASE("the sign-flip test is SciPy's permutation test of paired samples") {
  const auto fixture = recorded();
  REQUIRE(fixture["sign_flip"].size() == 7);
  for (const auto& row : fixture["sign_flip"]) {
    CAPTURE(row.dump());
    const auto differences = row[0].get<std::vector<int>>();
    CHECK(near(signFlipExact(differences), row[1], 1e-12));
    std::vector<int> turned;
    for (const int difference : differences) turned.push_back(-difference);
    CHECK(signFlipExact(turned) == signFlipExact(differences));
  }
  // 500 questions, signs drawn by NumPy 400,000 times.
  REQUIRE(fixture["sign_flip_large"].size() == 3);
  for (const auto& row : fixture["sign_flip_large"]) {
    std::vector<int> differences;
    for (int i = 0; i < 500; ++i) differences.push_back((5 * i * i + i) % 7 - 3 + (i % row[0].get<int>() == 0 ? 1 : 0));
    CHECK(std::abs(signFlipExact(differences) - row[1].get<double>()) < 0.003);
  }
  CHECK(signFlipExact({}) == 1);
}

TEST_CASE("with one seed the sign-flip test is McNemar's exact one") {
  for (const auto& [b, c] : std::vector<std::pair<int, int>>{{0, 0}, {1, 0}, {6, 13}, {25, 11}, {200, 260}}) {
    std::vector<int> differences(17, 0);
    differences.insert(differences.end(), static_cast<std::size_t>(b), 1);
    differences.insert(differences.end(), static_cast<std::size_t>(c), -1);
    CHECK(near(signFlipExact(differences), mcnemarExact(b, c), 1e-9));
  }
  // Three seeds that always agree are one seed, not three times as many questions.
  CHECK(near(signFlipExact(std::vector<int>{3, 3, 3, 3, -3, 0}), mcnemarExact(4, 1), 1e-12));
}

TEST_CASE("Holm's correction is statsmodels'") {
  const auto rows = recorded()["holm"];
  REQUIRE(rows.size() == 4);
  for (const auto& row : rows) {
    const auto expected = row[1].get<std::vector<double>>(), found = holm(row[0].get<std::vector<double>>());
    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) CHECK(near(found[i], expected[i], 1e-12));
  }
  CHECK(holm({}).empty());
}

TEST_CASE("normal quantile is SciPy's") {
  const auto rows = recorded()["normal_quantile"];
  REQUIRE(rows.size() == 15);
  for (const auto& row : rows) {
    CAPTURE(row.dump());
    const double expected = row[1];
    CHECK(std::abs(normalQuantile(row[0]) - expected) <= 1e-12 * std::max(1.0, std::abs(expected)));
  }
  CHECK(std::isinf(normalQuantile(0)));
  CHECK(normalQuantile(1) > 0);
  CHECK_THROWS_AS(normalQuantile(1.1), std::logic_error);
  CHECK_THROWS_AS(normalQuantile(std::nan("")), std::logic_error);
}

TEST_CASE("bootstrap resamples as NumPy does from the same stream, on any number of threads") {
  const auto fixture = recorded()["bootstrap"];
  const auto values = fixture["values"].get<std::vector<double>>();
  for (const auto& row : fixture["same_stream"])
    for (const std::size_t threads : {1u, 2u, 5u}) {
      const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
      const Interval interval = bootstrapMean(values, row[0], row[1], row[2]);
      CHECK(near(interval.low, row[3], 1e-13));
      CHECK(near(interval.high, row[4], 1e-13));
    }
  // SciPy's own percentile bootstrap, 20 000 resamples of another generator: equal but for chance.
  const Interval interval = bootstrapMean(values, 3, 20000);
  CHECK(std::abs(interval.low - fixture["scipy_percentile"][0].get<double>()) < 0.03);
  CHECK(std::abs(interval.high - fixture["scipy_percentile"][1].get<double>()) < 0.03);

  CHECK(bootstrapMean({4}, 1).low == 4);
  CHECK_THROWS_AS(bootstrapMean({}, 1), std::logic_error);
}

TEST_CASE("the interval of a paired difference") {
  // Agresti, Categorical Data Analysis, Table 10.1 (approval ratings): 0.04 with the interval 0.021 to 0.059, by Wald's
  // formula; with 1,600 pairs Newcombe's differs in the fourth digit.
  const Interval approval = pairedDifference({794, 150, 86, 570});
  CHECK(std::abs(approval.low - 0.0205) < 0.001);
  CHECK(std::abs(approval.high - 0.0594) < 0.001);
  const Interval turned = pairedDifference({794, 86, 150, 570});
  CHECK(std::abs(turned.low + approval.high) < 1e-12);
  CHECK(std::abs(turned.high + approval.low) < 1e-12);
  // Without a correlation to know of, the limits of both shares are joined by Pythagoras.
  const Interval all = pairedDifference({10, 0, 0, 0}), ten = wilson(10, 10);
  CHECK(std::abs(all.high - (1 - ten.low)) < 1e-12);
  CHECK(std::abs(all.low + (1 - ten.low)) < 1e-12);
  CHECK(pairedDifference({}).low == -1);
  CHECK(pairedDifference({}).high == 1);
}

TEST_CASE("the interval of a paired difference holds the truth as often as it says") {
  // Both right 45 %, only A 20 %, only B 10 %, neither 25 %: a true difference of 0.1, on 60 questions.
  std::uint64_t state = 12345;
  const auto uniform = [&] {  // Numerical Recipes' generator, not ours
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return static_cast<double>(state >> 11) / 9007199254740992.0;
  };
  int held = 0;
  const int draws = 4000;
  for (int draw = 0; draw < draws; ++draw) {
    PairedCounts pairs;
    for (int i = 0; i < 60; ++i) {
      const double u = uniform();
      pairs.add(u < 0.65, u < 0.45 || (u >= 0.65 && u < 0.75));
    }
    const Interval interval = pairedDifference(pairs);
    held += interval.low <= 0.1 && 0.1 <= interval.high;
  }
  CHECK(held > 0.935 * draws);
  CHECK(held < 0.975 * draws);
}
