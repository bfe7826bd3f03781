#!/usr/bin/env python3
"""Writes statistics.json: what SciPy, statsmodels and NumPy say, for statistics_test.cpp.

    pip install numpy scipy statsmodels && python3 tests/support/make_statistics.py
"""
import json
import pathlib

import numpy
import scipy
import scipy.stats
import statsmodels
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

MASK = 2**64 - 1


class SplitMix64:
    """The published generator (Steele, Lea, Flood 2014), written apart from src/support/random.cpp."""

    def __init__(self, seed):
        self.state = seed & MASK

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def below(self, bound):
        limit = MASK - MASK % bound
        while (value := self.next()) >= limit:
            pass
        return value % bound


def bootstrap(values, seed, resamples, confidence):
    seeds = SplitMix64(seed)
    means = []
    for _ in range(resamples):
        stream = SplitMix64(seeds.next())
        means.append(float(numpy.mean([values[stream.below(len(values))] for _ in values])))
    tail = 100 * (1 - confidence) / 2
    return [float(numpy.percentile(means, tail)), float(numpy.percentile(means, 100 - tail))]


def sign_flip(differences):
    """SciPy's permutation test of paired samples; with resamples without end it goes through all 2^n signs."""
    return float(scipy.stats.permutation_test((numpy.array(differences, float),), numpy.mean, permutation_type="samples",
                                              n_resamples=numpy.inf).pvalue)


def sign_flip_by_chance(differences, resamples=400_000):
    """The same test with random signs, by the generator at hand: equal but for chance."""
    values = numpy.array(differences)
    values = values[values != 0]
    generator = numpy.random.default_rng(11)
    sums = numpy.concatenate([(values * generator.choice((-1, 1), (10_000, len(values)))).sum(1)
                              for _ in range(resamples // 10_000)])
    return float((abs(sums) >= abs(values.sum())).mean())


def main():
    wilson = []
    for successes, n in [(0, 1), (1, 1), (0, 20), (20, 20), (3, 10), (41, 100), (206, 500), (1, 1000), (9999, 10000),
                         (512345, 1000000)]:
        for confidence in (0.5, 0.9, 0.95, 0.99):
            low, high = proportion_confint(successes, n, alpha=1 - confidence, method="wilson")
            wilson.append([successes, n, confidence, float(low), float(high)])
    pairs = [(0, 0), (1, 0), (0, 5), (3, 3), (4, 3), (6, 13), (25, 11), (40, 70), (200, 260), (0, 60), (1500, 1400)]
    mcnemars = [[b, c, float(mcnemar([[7, b], [c, 9]], exact=True).pvalue)] for b, c in pairs]
    quantiles = [[p, float(scipy.stats.norm.ppf(p))]
                 for p in (1e-300, 1e-12, 1e-4, 0.005, 0.025, 0.1, 0.3, 0.4999, 0.5, 0.6, 0.841344746068543, 0.975,
                           0.995, 0.9999, 1 - 1e-10)]
    flips = [[1, 1], [0, 0], [2, -1, 3], [1, 1, 1, 1, 1, -1], [3, 3, -2, 1, 0, -1, 2, 3, -3, 2, 1],
             [5, -5, 4, 1, -2, 2, 3, 1, 1, 0, -1, 2, 5, -4], [-3, -1, -2, -3, -1, -2, 1, -3, 0, -2]]
    large = [(divisor, [(5 * i * i + i) % 7 - 3 + (1 if i % divisor == 0 else 0) for i in range(500)])
             for divisor in (3, 7, 40)]
    families = [[0.03], [0.01, 0.04, 0.03, 0.005], [0.2, 0.2, 0.0001, 0.9, 1.0, 0.011, 0.011], [0.5, 0.6, 0.7]]
    values = [round(((7 * i * i + 3 * i) % 31) / 4, 2) for i in range(60)]
    peer = scipy.stats.bootstrap((numpy.array(values),), numpy.mean, n_resamples=20000, method="percentile",
                                 rng=numpy.random.default_rng(7)).confidence_interval
    out = {
        "made_with": {"numpy": numpy.__version__, "scipy": scipy.__version__, "statsmodels": statsmodels.__version__},
        "wilson": wilson,
        "mcnemar": mcnemars,
        "normal_quantile": quantiles,
        "sign_flip": [[one, sign_flip(one)] for one in flips],
        "sign_flip_large": [[divisor, sign_flip_by_chance(one)] for divisor, one in large],
        "holm": [[family, [float(p) for p in multipletests(family, method="holm")[1]]] for family in families],
        "bootstrap": {
            "values": values,
            "same_stream": [[seed, resamples, confidence, *bootstrap(values, seed, resamples, confidence)]
                            for seed, resamples, confidence in ((1, 200, 0.95), (99, 333, 0.9), (2**63 + 5, 1, 0.95))],
            "scipy_percentile": [float(peer.low), float(peer.high)],
        },
    }
    lines = json.dumps(out, indent=1)
    pathlib.Path(__file__).with_name("statistics.json").write_text(lines + "\n")


if __name__ == "__main__":
    main()
