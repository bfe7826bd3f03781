#!/usr/bin/env python3
"""Writes pairs.tsv: pairs of answers and whether SymPy holds them equal, for grader_test.cpp.

Each pair is a random expression as LaTeX beside a rewritten one (simplified, expanded, factored, rationalised) or a
different one (a term changed). SymPy decides, by exact simplification of the difference.
"""
import pathlib
import random
import sympy as sp

x, y = sp.symbols("x y", positive=True)
rng = random.Random(20260606)


def rational():
    return sp.Rational(rng.randint(-30, 30), rng.randint(1, 12))


def surd():
    return sp.sqrt(rng.choice([2, 3, 5, 6, 7, 10, 12, 18, 45]))


def number():
    return rng.choice([
        lambda: rational(),
        lambda: rational() + surd(),
        lambda: rational() * surd() + rng.randint(1, 9),
        lambda: 1 / (surd() + rng.randint(4, 9)),
        lambda: rational() * sp.pi + rng.randint(0, 3),
        lambda: sp.Integer(rng.randint(2, 9)) ** sp.Rational(rng.randint(1, 5), rng.randint(1, 3)),
        lambda: sp.cos(sp.pi / rng.choice([3, 4, 6])) * rational(),
        lambda: sp.log(rng.randint(2, 9)) * rng.randint(1, 4),
    ])()


def polynomial():
    a, b, c = (rng.randint(-6, 6) for _ in range(3))
    return rng.choice([
        lambda: (x + a) * (x + b),
        lambda: (x + a) ** 2 - c * y,
        lambda: (x**2 - a * a) / (x + abs(a) + 1),
        lambda: x**3 + a * x + b,
        lambda: (x + y) * (a * x + b),
        lambda: sp.Rational(1, 2) * x - sp.Rational(a, 3),
    ])()


def rewrites(value):
    yield sp.expand(value)
    yield sp.factor(value)
    yield sp.radsimp(value)
    yield sp.together(value)


def main():
    rows = set()
    while len(rows) < 400:
        value = number() if rng.random() < 0.6 else polynomial()
        other = rng.choice(list(rewrites(value)))
        if rng.random() < 0.4:
            other = rng.choice([other + 1, -other, other * 2, other + sp.Rational(1, 100), other - sp.sqrt(2)])
        if value.has(sp.zoo, sp.nan) or other.has(sp.zoo, sp.nan):
            continue
        equal = sp.simplify(value - other) == 0
        left, right = sp.latex(value), sp.latex(other)
        if left == right and rng.random() < 0.8:
            continue
        rows.add((left, right, "right" if equal else "wrong"))
    lines = [f"# make_pairs.py, SymPy {sp.__version__}"] + ["\t".join(row) for row in sorted(rows)]
    pathlib.Path(__file__).with_name("pairs.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
