// Intervals and paired tests a report carries.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace polar {

struct Interval {
  double low = 0, high = 0;
};

// Wilson score interval of a share (Wilson 1927); n = 0 gives [0, 1].
Interval wilson(std::int64_t successes, std::int64_t n, double confidence = 0.95);

// P(X ≤ k) for X ~ Binomial(n, 1/2); 0 where k < 0.
double fairTail(std::int64_t k, std::int64_t n);

// Exact two-sided McNemar p from the discordant pairs: b (only A right), c (only B right).
double mcnemarExact(std::int64_t b, std::int64_t c);

// Exact two-sided p of the sign-flip (permutation) test on paired differences, one a question: the share of all 2^n
// choices of signs whose sum lies at least as far from 0 as the one found. Differences of whole numbers, such as right
// answers of several seeds minus as many times the standard program's: questions are drawn together, seeds are not
// questions of their own. With differences of -1, 0 and 1 it is McNemar's exact p.
double signFlipExact(std::span<const int> differences);

// Holm's (1979) step-down correction: p values that hold for all tests together, in the order given.
std::vector<double> holm(std::span<const double> p);

// Two methods on the same questions: how many each alone, both, or neither gets right.
struct PairedCounts {
  std::int64_t both = 0, onlyA = 0, onlyB = 0, neither = 0;

  void add(bool a, bool b) { ++(a ? (b ? both : onlyA) : (b ? onlyB : neither)); }
  std::int64_t all() const { return both + onlyA + onlyB + neither; }
};

// Interval of the paired difference, share A - share B: Newcombe (1998), Statistics in Medicine 17, 2635, method 10
// (Wilson limits of both shares, joined with a continuity-corrected correlation). No pairs gives [-1, 1].
Interval pairedDifference(const PairedCounts& pairs, double confidence = 0.95);

// Percentile bootstrap interval of the mean; the same for the same seed on any number of threads.
Interval bootstrapMean(const std::vector<double>& values, std::uint64_t seed, int resamples = 2000,
                       double confidence = 0.95);

// Inverse of the standard normal distribution function.
double normalQuantile(double p);

}  // namespace polar
