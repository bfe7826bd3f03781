"""Compares `polar grade` with two graders built on SymPy, over pairs made from public reference answers.

  pip install math-verify==0.9.0 latex2sympy2_extended==1.11.0
  python compare_graders.py --polar build/polar --data $POLAR_DATA [--list FILE]

Pairs: every kind of rewriting below applied to reference answers of MATH and Minerva (equal by construction, or not),
and answers of other questions that look alike. A difference is a pair on which ours says right where another says wrong,
or the other way round, or ours says undecided. results/reports/grader/judged.tsv holds a judgement for each:
answer, reference, truth (right | wrong), reason. Exit code 1 where a difference is not judged or ours is not the truth.
`--list FILE` writes the differences that are not judged, in the form of that file.
"""

import argparse
import collections
import csv
import json
import pathlib
import random
import re
import signal
import subprocess
import sys
from importlib.metadata import version

import sympy
from latex2sympy2_extended import latex2sympy, normalize_latex, NormalizationConfig
from math_verify import LatexExtractionConfig, parse, verify

ROOT = pathlib.Path(__file__).parent.parent.parent
JUDGED = ROOT / "results" / "reports" / "grader" / "judged.tsv"
SUMMARY = JUDGED.with_name("summary.json")
SECONDS = 5  # that a grader built on SymPy may take for a pair


CLEAN = NormalizationConfig(basic_latex=True, units=True, malformed_operators=True, nits=True, boxed="none",
                            equations=True)


def references(data):
    answers = {}
    for name in ("math/test", "minerva_math/test"):
        for line in open(pathlib.Path(data) / (name + ".jsonl"), encoding="utf-8"):
            answers[json.loads(line)["answer"]] = None
    return list(answers)


# ---- rewritings: name, equal or not, function (None where it doesn't apply) ----------------------------------------

def terminating(answer):
    match = re.fullmatch(r"(-?)\\frac\{(\d+)\}\{(\d+)\}", answer)
    if not match:
        return None
    value = sympy.Rational(int(match[2]), int(match[3]))
    denominator = value.q
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    if denominator != 1 or value.q == 1:
        return None
    scaled = value * 10**8
    if scaled.q != 1:
        return None
    digits = str(int(scaled) % 10**8).rjust(8, "0").rstrip("0")
    return f"{match[1]}{int(value)}.{digits}"


def unreduced(answer):
    match = re.fullmatch(r"(-?)\\frac\{(\d+)\}\{(\d+)\}", answer)
    return f"{match[1]}\\frac{{{3 * int(match[2])}}}{{{3 * int(match[3])}}}" if match else None


def slash(answer):
    match = re.fullmatch(r"(-?)\\frac\{(\d+)\}\{(\d+)\}", answer)
    return f"{match[1]}{match[2]}/{match[3]}" if match else None


def mixed(answer):
    match = re.fullmatch(r"\\frac\{(\d+)\}\{(\d+)\}", answer)
    if not match or int(match[1]) <= int(match[2]) or int(match[1]) % int(match[2]) == 0:
        return None
    whole, rest = divmod(int(match[1]), int(match[2]))
    return f"{whole}\\frac{{{rest}}}{{{match[2]}}}"


def square_root(answer):
    match = re.fullmatch(r"(\d+)\\sqrt\{(\d+)\}", answer)
    return f"\\sqrt{{{int(match[1]) ** 2 * int(match[2])}}}" if match else None


def members(answer):
    match = re.fullmatch(r"(\(|\\\{|\[|)([^()\[\]]*,[^()\[\]]*)(\)|\\\}|\]|)", answer)
    if not match or re.search(r",(\\!|\})?\d{3}(?!\d)", answer) or "\\text" in answer or "{,}" in answer:
        return None
    return match[1], [part.strip() for part in match[2].split(",")], match[3]


def reversed_members(answer, brackets):
    parts = members(answer)
    if not parts or parts[0] not in brackets or parts[1] == parts[1][::-1]:
        return None
    return parts[0] + ", ".join(reversed(parts[1])) + parts[2]


def one_member_less(answer):
    parts = members(answer)
    return parts[0] + ", ".join(parts[1][:-1]) + parts[2] if parts and len(parts[1]) > 2 else None


def half_open(answer):
    match = re.fullmatch(r"([\[(])(.*,.*)([\])])", answer)
    return ("(" if match[1] == "[" else "[") + match[2] + match[3] if match and "\\infty" not in match[2] else None


def next_digit(answer):
    digits = [match.start() for match in re.finditer(r"\d", answer)]
    if not digits:
        return None
    at = digits[-1]
    return answer[:at] + str((int(answer[at]) + 1) % 10) + answer[at + 1:]


def where(pattern, change):
    return lambda answer: change(answer) if re.search(pattern, answer) else None


def thousands(answer):
    return f"{int(answer):,}" if re.fullmatch(r"\d{4,9}", answer) else None


NUMBER = r"-?\d+(\.\d+)?"
REWRITINGS = [
    ("dfrac", "right", where(r"\\frac", lambda a: a.replace("\\frac", "\\dfrac"))),
    ("short-frac", "right", where(r"\\frac\{\d\}\{\d\}",
                                  lambda a: re.sub(r"\\frac\{(\d)\}\{(\d)\}", r"\\frac\1\2", a))),
    ("left-right", "right", where(r"^\(.*\)$", lambda a: "\\left" + a[:-1] + "\\right)")),
    ("spaced", "right", where(r"[+,=-]", lambda a: re.sub(r"(?<=[\dx])([+,=-])(?=[\dx])", r" \1 ", a))),
    ("dollars", "right", lambda a: f"${a}$"),
    ("full-stop", "right", lambda a: a + "."),
    ("display", "right", lambda a: f"\\displaystyle {a}"),
    ("named", "right", where(rf"^{NUMBER}$|^\\frac\{{\d+\}}\{{\d+\}}$", lambda a: f"x = {a}")),
    ("decimal", "right", terminating),
    ("unreduced", "right", unreduced),
    ("slash", "right", slash),
    ("mixed", "right", mixed),
    ("root", "right", square_root),
    ("thousands", "right", thousands),
    ("thousands-latex", "right", lambda a: (thousands(a) or "").replace(",", "{,}") or None),
    ("trailing-zero", "right", where(rf"^{NUMBER}$", lambda a: a + ("0" if "." in a else ".0"))),
    ("plus-zero", "right", where(rf"^{NUMBER}$", lambda a: a + " + 0")),
    ("times-one", "right", where(r"^\\sqrt\{\d+\}$", lambda a: "1 \\cdot " + a)),
    ("text", "right", where(r"^[A-Za-z]+$", lambda a: f"\\text{{{a}}}")),
    ("caps", "right", where(r"^\\text\{[a-z]+\}$", lambda a: a[:6] + a[6:].capitalize())),
    ("matrix-kind", "right", where(r"pmatrix", lambda a: a.replace("pmatrix", "bmatrix"))),
    ("and", "right", where(r"^[^,()\[\]{}]+,[^,()\[\]{}]+$", lambda a: None if re.search(
        r",\\?!?\d{3}(?!\d)", a) else a.replace(",", " \\text{ and } "))),
    ("union-order", "right", where(r"\\cup", lambda a: " \\cup ".join(reversed(a.split("\\cup"))))),
    ("sides", "right", where(r"^[^=,]+=[^=,]+$", lambda a: " = ".join(reversed(a.split("="))))),
    ("in", "right", where(r"^[\[(].*,.*[\])]$", lambda a: "x \\in " + a if "infty" in a or a[0] == "[" else None)),
    ("root-slash", "right", where(r"^\\frac\{\\sqrt\{\d+\}\}\{\d+\}$",
                                  lambda a: re.sub(r"^\\frac\{(.*)\}\{(\d+)\}$", r"\1/\2", a))),
    ("half-power", "right", where(r"\\sqrt\{\d+\}", lambda a: re.sub(r"\\sqrt\{(\d+)\}", r"{\1}^{1/2}", a))),
    ("bare-text", "right", where(r"^\\text\{[A-Za-z ]+\}$", lambda a: a[6:-1])),
    ("degrees", "right", where(r"^\d+\^\\circ$", lambda a: a.replace("^\\circ", "^{\\circ}"))),
    ("no-degrees", "right", where(r"^\d+\^\\circ$", lambda a: a.replace("^\\circ", ""))),
    ("unit", "right", where(r"^\d+$", lambda a: a + " \\text{ cm}")),
    ("set-order", "right", lambda a: reversed_members(a, ("\\{",))),
    ("list-order", "right", lambda a: reversed_members(a, ("",))),
    ("pi-last", "right", where(r"^\d+\\pi$", lambda a: f"\\pi \\cdot {a[:-3]}")),
    ("tuple-order", "wrong", lambda a: reversed_members(a, ("(",))),
    ("one-less", "wrong", one_member_less),
    ("half-open", "wrong", half_open),
    ("next-digit", "wrong", next_digit),
    ("negated", "wrong", where(r"^[\d\\x]", lambda a: None if a == "0" or re.search(r",|text", a) else f"-{a}")),
    ("ten-times", "wrong", where(r"^[1-9]\d*$", lambda a: a + "0")),
    ("off-a-bit", "wrong", where(r"^\d+$", lambda a: a + ".01")),
    ("percent", "wrong", where(r"^\d+$", lambda a: a + " + 1\\%")),
    ("plus-one", "wrong", where(r"^[\d\\x]", lambda a: None if re.search(r"[,=<>]|text|begin|circ", a) else f"{a}+1")),
]


def by_sympy(answer, rewrite):
    try:
        value = latex2sympy(normalize_latex(answer, CLEAN))
        if not isinstance(value, sympy.Expr) or value.is_Atom or len(answer) > 60:
            return None
        text = sympy.latex(rewrite(value))
    except Exception:  # what latex2sympy throws on an answer it cannot read
        return None
    return None if re.search(r"\\text|operatorname|tilde|dot\{|\d \\frac", text) else text


SYMPY_REWRITINGS = [(f"sympy-{name}", truth, lambda answer, change=change: by_sympy(answer, change))
                    for name, truth, change in [
                        ("expand", "right", sympy.expand), ("factor", "right", sympy.factor),
                        ("together", "right", sympy.together), ("radsimp", "right", sympy.radsimp),
                        ("print", "right", lambda value: value),
                        ("plus-hundredth", "wrong", lambda v: v + sympy.Rational(1, 100)),
                        ("doubled", "wrong", lambda v: 2 * v if v != 0 else v + 1),
                        ("squared", "wrong", lambda v: v**2 if v not in (0, 1) else v + 1)]]


def alike(answers):
    """Answers of other questions that look alike: neighbours when sorted by their letters without digits."""
    shape = sorted(answers, key=lambda a: (re.sub(r"\d+", "0", a), a))
    return [(a, b) for a, b in zip(shape, shape[1:]) if a != b]


def make_pairs(data, each, seed=6):
    rng = random.Random(seed)
    answers = references(data)
    pairs = []
    for name, _, change in REWRITINGS + SYMPY_REWRITINGS:
        few = rng.sample(answers, 5 * each) if name.startswith("sympy") else answers
        some = 10 if name == "full-stop" else each
        fitting = [(changed, a) for a in few if (changed := change(a)) and changed != a]
        pairs += [(name, changed, a) for changed, a in rng.sample(fitting, min(some, len(fitting)))]
    neighbours = alike(answers)
    pairs += [("alike", a, b) for a, b in rng.sample(neighbours, min(25 * each, len(neighbours)))]
    hard = [a for a in answers if re.search(r"\\(sqrt|begin|cup|text|pi|infty|cdot)|[xyz,=]", a)]
    pairs += [("other", a, b) for a, b in (rng.sample(hard, 2) for _ in range(10 * each))]
    return pairs


# ---- the graders -----------------------------------------------------------------------------------------------------

class TooLong(Exception):
    pass


def within_time(function, *arguments):
    def stop(_signal, _frame):
        raise TooLong
    signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        return "right" if function(*arguments) else "wrong"
    except TooLong:
        return "time"
    except Exception:  # what a grader throws on an answer it cannot read
        return "error"
    finally:
        signal.alarm(0)


def by_math_verify(answer, reference):
    boxes = [LatexExtractionConfig(boxed_match_priority=0)]
    read = [parse(f"\\boxed{{{text}}}", boxes, parsing_timeout=None) for text in (reference, answer)]
    return verify(*read, timeout_seconds=None)


def by_latex2sympy(answer, reference):
    a, b = (latex2sympy(normalize_latex(text, CLEAN)) for text in (answer, reference))
    if a == b:
        return True
    difference = sympy.simplify(a - b)
    return difference == 0 or (difference.is_number and abs(sympy.N(difference, 30)) < 1e-20)


def by_polar(polar, pairs):
    lines = "".join(json.dumps({"answer": a, "reference": b}) + "\n" for _, a, b in pairs)
    out = subprocess.run([polar, "grade"], input=lines, capture_output=True, text=True, check=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--polar", default=str(ROOT / "build" / "polar"))
    arguments.add_argument("--data", required=True)
    arguments.add_argument("--each", type=int, default=40, help="pairs of a rewriting")
    arguments.add_argument("--list")
    options = arguments.parse_args()
    equal = {name: truth for name, truth, _ in REWRITINGS + SYMPY_REWRITINGS}
    pairs = list({(a, b): (kind, a, b) for kind, a, b in make_pairs(options.data, options.each)}.values())
    ours = by_polar(options.polar, pairs)
    judged = {}
    if JUDGED.exists():
        with open(JUDGED, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                judged[row["answer"], row["reference"]] = (row["truth"], row["reason"])
    peers = {"math-verify": by_math_verify, "latex2sympy2_extended": by_latex2sympy}
    table = {name: collections.Counter() for name in peers}
    right_of = collections.Counter()
    unjudged, faults, differences = [], [], 0
    for (kind, a, b), mine in zip(pairs, ours):
        theirs = {name: within_time(grader, a, b) for name, grader in peers.items()}
        differs = mine["verdict"] == "undecided" or any(v in ("right", "wrong") and v != mine["verdict"]
                                                        for v in theirs.values())
        for name, verdict in theirs.items():
            table[name][f"ours {mine['verdict']}, theirs {verdict}"] += 1
        truth, _ = judged.get((a, b), (None, None))
        if differs:
            differences += 1
            if truth is None:
                unjudged.append((a, b, equal.get(kind, ""), kind, mine["verdict"], mine["rule"], *theirs.values()))
            else:
                for name, verdict in {"polar": mine["verdict"], **theirs}.items():
                    right_of[name] += verdict == truth
        if truth is not None and mine["verdict"] != truth:
            faults.append((a, b, truth, mine))
        if truth is None and kind in equal and not differs and mine["verdict"] != equal[kind]:
            unjudged.append((a, b, equal[kind], kind + ", all against construction", mine["verdict"], mine["rule"],
                             *theirs.values()))
    summary = {"command": "python tests/grading/compare_graders.py --data $POLAR_DATA",
               "versions": {name: version(name) for name in (*peers, "sympy")}, "pairs": len(pairs),
               "pairs by kind": dict(sorted(collections.Counter(kind for kind, _, _ in pairs).items())),
               "differences": differences, "judged": differences - len(unjudged),
               "of the judged, right": dict(right_of),
               "verdicts": {k: dict(sorted(v.items())) for k, v in table.items()}}
    print(json.dumps(summary, indent=1))
    for a, b, truth, mine in faults:
        print(f"FAULT\t{a}\t{b}\ttruth {truth}\tours {mine}")
    print(f"{len(unjudged)} differences are not judged")
    if options.list:
        pathlib.Path(options.list).write_text("".join("\t".join(row) + "\n" for row in unjudged), encoding="utf-8")
    if unjudged or faults:
        return 1
    SUMMARY.write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
