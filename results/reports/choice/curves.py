#!/usr/bin/env python3
"""Votes of 1, 3, 5, 9, 17 runs: programs, samples and permutations of the worked examples, at equal count and cost.

    curves.py TUNE.h5 TEST.h5 [--samples FILE.h5] [--permutations FILE.h5 ...]

TUNE.h5 and TEST.h5 hold the same programs, each run on every question. Two orders of programs: `ranked`, the standard
program and then those that are right most often in TUNE.h5; `cheap`, each next one the program that brings most right
answers of the vote in TUNE.h5 per layer that it adds to the trie of all so far. `samples`: the standard program greedily,
then its samples. `permutations`: the standard program, then the same with the worked examples in other orders, a label
file for each. The most frequent answer counts, of equals that with the larger sum of margins, then the first.

Cost: layer-tokens of all runs, what their programs begin with alike prefilled once, in units of the standard program's
answer. Accuracy with the difference to the standard program, won and lost questions, McNemar's exact p. JSON on stdout.
"""
import argparse
import json
import math
import sys

from labels import by_program, distinct_layers, load, text_form

COUNTS = (1, 3, 5, 9, 17)


def leader(runs):
    """The run whose answer is given."""
    parties = {}
    for run in runs:
        if run.answer is not None:
            party = parties.setdefault(run.answer, [0, 0.0, run])
            party[0] += 1
            party[1] += run.margin
    if not parties:
        return runs[0]
    return max(parties.values(), key=lambda party: (party[0], party[1]))[2]


def cost(runs, shared=True):
    tokens = runs[0].prefill / len(runs[0].program)
    layers = distinct_layers([run.program for run in runs]) if shared else sum(len(run.program) for run in runs)
    return layers * tokens + sum(run.decode for run in runs)


def mcnemar(won, lost):
    n = won + lost
    tail = sum(math.comb(n, k) for k in range(min(won, lost) + 1)) / 2 ** n
    return min(1.0, 2 * tail)


def measure(answers, standard, shared=True):
    """answers, standard: [(runs of a question)], [its standard run]."""
    kept = [leader(runs) for runs in answers]
    won = sum(one.right and not base.right for one, base in zip(kept, standard))
    lost = sum(base.right and not one.right for one, base in zip(kept, standard))
    unit = sum(base.prefill + base.decode for base in standard)
    return {"right": sum(one.right for one in kept) / len(kept), "won": won, "lost": lost, "p": mcnemar(won, lost),
            "cost": sum(cost(runs, shared) for runs in answers) / unit}


def ranked(tune, standard):
    others = sorted((p for p in tune[0] if p != standard), key=lambda p: (-sum(q[p].right for q in tune), len(p), p))
    return [standard] + others


def cheap(tune, standard):
    order = [max(tune[0], key=lambda p: (sum(q[p].right for q in tune), -len(p)))]
    rights = sum(q[order[0]].right for q in tune)
    while len(order) < len(tune[0]):
        def gain(program):
            voters = order + [program]
            gained = sum(leader([q[p] for p in voters]).right for q in tune) - rights
            added = distinct_layers(voters) - distinct_layers(order)
            return gained / max(1, added) if gained > 0 else gained
        order.append(max((p for p in tune[0] if p not in order), key=gain))
        rights = sum(leader([q[p] for p in order]).right for q in tune)
    return order


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tune")
    parser.add_argument("test")
    parser.add_argument("--samples")
    parser.add_argument("--permutations", nargs="*", default=[])
    arguments = parser.parse_args()
    depth, tune_runs = load(arguments.tune)
    _, test_runs = load(arguments.test)
    standard = tuple(range(depth))
    tune = [by_program(runs) for runs in tune_runs.values()]
    questions = sorted(test_runs)
    test = [by_program(test_runs[q]) for q in questions]
    common = set.intersection(*(set(each) for each in tune + test))
    tune = [{p: q[p] for p in q if p in common} for q in tune]
    base = [each[standard] for each in test]
    curves = {}
    for name, order in (("ranked", ranked(tune, standard)), ("cheap", cheap(tune, standard))):
        curves[name] = {"order": [text_form(p) for p in order]}
        for count in (c for c in COUNTS if c <= len(order)):
            curves[name][count] = measure([[each[p] for p in order[:count]] for each in test], base)
    if arguments.samples:
        _, sampled = load(arguments.samples)
        runs = [[by_program(sampled[q])[standard]] + [r for r in sampled[q] if r.sample] for q in questions]
        curves["samples"] = {count: measure([each[:count] for each in runs], [each[0] for each in runs])
                             for count in COUNTS if count <= len(runs[0])}
    if arguments.permutations:
        files = [load(path)[1] for path in arguments.permutations]
        runs = [[base[i]] + [by_program(file[q])[standard] for file in files] for i, q in enumerate(questions)]
        curves["permutations"] = {count: measure([each[:count] for each in runs], base, shared=False)
                                  for count in COUNTS if count <= len(runs[0])}
    json.dump({"questions": len(questions), "right_standard": sum(b.right for b in base) / len(base),
               "right_any": sum(any(r.right for r in q.values()) for q in test) / len(test), "curves": curves},
              sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
