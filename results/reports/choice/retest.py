#!/usr/bin/env python3
"""Does a program's advantage on a question repeat, when the same question is asked after other worked examples?

    retest.py A.h5 B.h5

Both label files hold the same questions and the same programs, run on each. A value y[q, p] is the verdict (1 right,
0 not) or the log-probability of the reference answer. What is left of it without the main effects of the question and
of the program is the interaction, the only thing that a choice by question can use:

    r[q, p] = y[q, p] - mean over p - mean over q + mean over all

It prints rho, the correlation of r between the two files, with a 95 % interval from 10,000 bootstrap samples of
questions; and what a choice that knows file A gains in file B: on each question the standard program where it is right
in A, else the program that is right in A (of several the one right most often in A), judged in B. JSON on stdout.
"""
import json
import sys

import numpy as np

from labels import by_program, load


def centred(y):
    return y - y.mean(1, keepdims=True) - y.mean(0, keepdims=True) + y.mean()


def rho(y, z, random, samples=10000):
    r, s = centred(y), centred(z)
    # Sums a question; a bootstrap sample of questions is a weight for each.
    rs, rr, ss = (r * s).sum(1), (r * r).sum(1), (s * s).sum(1)
    weights = random.multinomial(len(y), np.full(len(y), 1 / len(y)), size=samples)
    drawn = weights @ rs / np.sqrt((weights @ rr) * (weights @ ss))
    return {"rho": rs.sum() / np.sqrt(rr.sum() * ss.sum()), "interval": list(np.quantile(drawn, [0.025, 0.975]))}


def chosen_in_other(right):
    """By the first file's verdicts, judged in the second: right answers beside the standard program's."""
    by_rights = np.argsort(-right[0].mean(0), kind="stable")
    choice = np.array([0 if row[0] or not row.any() else next(p for p in by_rights if row[p]) for row in right[0]])
    chosen, base = right[1][np.arange(len(choice)), choice], right[1][:, 0]
    moved = choice > 0
    # The same programs on other questions that were moved: what the programs alone gain.
    random = np.random.default_rng(2)
    shuffled = []
    for _ in range(2000):
        other = choice.copy()
        other[moved] = random.permutation(choice[moved])
        shuffled.append(right[1][np.arange(len(other)), other].mean())
    return {"moved": int(moved.sum()), "right": chosen.mean(), "right_standard": base.mean(),
            "won": int((chosen > base).sum()), "lost": int((chosen < base).sum()),
            "right_with_programs_shuffled": [float(np.mean(shuffled)), *np.quantile(shuffled, [0.025, 0.975])]}


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    (depth, a), (_, b) = load(sys.argv[1]), load(sys.argv[2])
    questions = sorted(set(a) & set(b))
    rows = [{q: by_program(file[q]) for q in questions} for file in (a, b)]
    standard = tuple(range(depth))
    common = set.intersection(*(set(row[q]) for row in rows for q in questions))
    menu = [standard] + sorted(common - {standard})
    right, logprob = ([np.array([[getattr(row[q][p], name) for p in menu] for q in questions], dtype=float)
                       for row in rows] for name in ("right", "logprob"))
    random = np.random.default_rng(1)
    result = {"questions": len(questions), "programs": len(menu),
              "right_standard": [y[:, 0].mean() for y in right], "right_any": [y.max(1).mean() for y in right],
              "standard_repeats": (right[0][:, 0] == right[1][:, 0]).mean(),
              "program_means_correlate": np.corrcoef(right[0].mean(0), right[1].mean(0))[0, 1],
              "verdict": rho(*right, random), "logprob": rho(*logprob, random),
              "chosen_by_the_other_file": [chosen_in_other(right), chosen_in_other(right[::-1])]}
    json.dump(result, sys.stdout, indent=2, default=float)
    print()


if __name__ == "__main__":
    main()
