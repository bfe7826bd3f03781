"""Reads the label files of a study (study.py) and writes its report: NAME.md, NAME.json, NAME.svg, NAME.vl.json."""

import collections
import json
import pathlib
import platform

import h5py
import numpy as np
from scipy import stats

import study_figure

RESAMPLES = 4000
BASELINES = ("random", "mcts, paper")


class Run:
    """One search: for each question, in the file's order, what its programs told in the order of asking."""

    def __init__(self, folder):
        with h5py.File(folder / "labels.h5") as file:
            self.ids = list(file["examples/id"].asstr()[:])
            self.standard = file["examples/standard_verdict"][:] == 1
            example, right = file["programs/example"][:], file["programs/verdict"][:] == 1
            executed = file["programs/executed"][:]
            keep = file["programs/origin"].asstr()[:] != "sample"
            self.depth = int(file.attrs["depth"])
        self.right = [right[keep & (example == i)] for i in range(len(self.ids))]
        self.executed = [executed[keep & (example == i)] for i in range(len(self.ids))]
        self.statistics, self.calls = read_log(folder / "labels.log.jsonl")

    def of(self, ids):
        """The same for these questions, in this order; the file may hold more."""
        rows = {name: i for i, name in enumerate(self.ids)}
        self.right = [self.right[rows[name]] for name in ids]
        self.executed = [self.executed[rows[name]] for name in ids]
        self.ids = ids
        return self

    def first(self, i):
        """Evaluations up to and with the first right program; infinite where there is none."""
        hits = np.flatnonzero(self.right[i])
        return hits[0] + 1 if len(hits) else np.inf

    def best(self, i, budget):
        """Executed layers of the shortest right program among the first `budget`; infinite where there is none."""
        hits = self.right[i][:budget]
        return self.executed[i][:budget][hits].min() if hits.any() else np.inf


def read_log(file):
    statistics, calls = {}, []
    for line in file.read_text().splitlines():
        try:
            record = json.loads(line)
        except json.JSONDecodeError:
            continue  # cut off by a kill
        if "question" in record:
            statistics[record["question"]] = record["statistics"]
        elif "call" in record:
            calls.append(record["call"])
    return statistics, calls


def interval(values, draws):
    """Mean and 95 % percentile bootstrap over questions. values: one a question, already the mean over seeds."""
    means = values[draws].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return {"mean": float(values.mean()), "low": float(low), "high": float(high)}


def resamples(count):
    return np.random.default_rng(1).integers(0, count, size=(RESAMPLES, count))


class Variant:
    """All seeds and budgets of one variant."""

    def __init__(self, name):
        self.name = name
        self.runs = {}  # (budget, seed) → Run

    def seeds(self):
        return sorted({seed for _, seed in self.runs})

    def at(self, budget, seed):
        """The run that was made for this budget, or the beginning of the one for a larger budget where the variant does
        not look at its budget (then only the largest was made)."""
        made = [b for b, s in self.runs if s == seed and b >= budget]
        return self.runs[min(made), seed] if made else None

    def mean(self, budget, questions, value):
        """value(run, question), its mean over seeds, for each question."""
        runs = [self.at(budget, seed) for seed in self.seeds()]
        return np.mean([[value(run, i) for i in questions] for run in runs if run], axis=0)

    def found(self, budget, questions):
        return self.mean(budget, questions, lambda run, i: float(run.first(i) <= budget))

    def restricted(self, budget, questions):
        return self.mean(budget, questions, lambda run, i: float(min(run.first(i), budget)))

    def length(self, budget, questions):
        return self.mean(budget, questions, lambda run, i: float(run.best(i, budget)))

    def statistic(self, budget, name):
        values = [s[name] for seed in self.seeds() if (run := self.at(budget, seed))
                  for s in run.statistics.values() if name in s]
        return float(np.mean(values)) if values else None

    def median_first(self, budget, questions):
        """Over questions and seeds; None where it lies beyond the budget."""
        firsts = [run.first(i) for seed in self.seeds() if (run := self.at(budget, seed)) for i in questions]
        median = float(np.median(firsts))
        return median if median <= budget else None


def mcnemar(a, b):
    """Exact, two-sided, of two lists of found or not on the same questions."""
    only_a, only_b = int(np.sum(a & ~b)), int(np.sum(b & ~a))
    p = stats.binomtest(only_a, only_a + only_b).pvalue if only_a + only_b else 1.0
    return {"only_this": only_a, "only_other": only_b, "p": float(p)}


def compare(variant, other, budget, wrong, draws):
    """The paired difference over all seeds, and McNemar's test of the first seed."""
    found = variant.found(budget, wrong) - other.found(budget, wrong)
    spent = variant.restricted(budget, wrong) - other.restricted(budget, wrong)
    first = [np.array([v.at(budget, 1).first(i) <= budget for i in wrong]) for v in (variant, other)]
    return {"found": interval(found, draws), "evaluations": interval(spent, draws), "mcnemar": mcnemar(*first)}


def analyse(study, done, space):
    variants = {}
    for name, seed, budget, folder in done:
        variants.setdefault(name, Variant(name)).runs[budget, seed] = Run(folder)
    for name in [name for name, variant in variants.items() if not variant.at(study.budgets[-1], 1)]:
        print(f"study: {name} is not finished and is left out")
        del variants[name]
    some = next(iter(next(iter(variants.values())).runs.values()))
    for variant in variants.values():
        for run in variant.runs.values():
            if run.ids != some.ids:
                raise SystemExit(f"study: {variant.name} was searched on other questions: remove {study.folder}")
    wrong, right = np.flatnonzero(~some.standard), np.flatnonzero(some.standard)
    draws_wrong, draws_right = resamples(len(wrong)), resamples(len(right))
    result = {"name": study.name, "questions": len(some.ids), "wrong": len(wrong), "right": len(right),
              "depth": some.depth, "budgets": study.budgets, "machine": machine(), "variants": {}}
    for name, variant in variants.items():
        rows = {}
        for budget in study.budgets:
            rows[budget] = row = {
                "found": interval(variant.found(budget, wrong), draws_wrong),
                "evaluations": interval(variant.restricted(budget, wrong), draws_wrong),
                "median_first": variant.median_first(budget, wrong),
                "length": interval(variant.length(budget, right), draws_right),
                "shorter": interval((variant.length(budget, right) < some.depth).astype(float), draws_right),
            }
            for key in ("tree_depth", "ucb_choices", "multi_edit_share", "spearman"):
                row[key] = variant.statistic(budget, key)
            for baseline in BASELINES:
                if baseline in variants and baseline != name:
                    row["against " + baseline] = compare(variant, variants[baseline], budget, wrong, draws_wrong)
        curve = None
        if len({b for b, _ in variant.runs}) == 1:  # does not look at its budget
            curve = [float(variant.found(b, wrong).mean()) for b in range(1, study.budgets[-1] + 1)]
        result["variants"][name] = {"seeds": len(variant.seeds()), "budgets": rows, "curve": curve}
    if space:
        whole = Run(space.parent).of(some.ids)
        everything = max(len(each) for each in whole.right)
        result["space"] = {
            "programs": everything,
            "found": float(np.mean([np.isfinite(whole.first(i)) for i in wrong])),
            "valid_share_wrong": float(np.mean([whole.right[i].mean() for i in wrong])),
            "length": float(np.mean([whole.best(i, everything) for i in right])),
        }
    calls = [c for v in variants.values() for run in v.runs.values() for c in run.calls]
    asked, taken = (sum(call[key] for call in calls) for key in ("evaluations", "reused"))
    result["evaluations"] = {"asked": asked, "taken_over": taken}
    return result


def machine():
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    model = collections.Counter(line.split(": ")[1].strip() for line in lines if line.startswith("model name"))
    return f"{sum(model.values())} cores of {next(iter(model))}" if model else platform.machine()


def share(value):
    return f"{100 * value['mean']:.1f} ({100 * value['low']:.1f}–{100 * value['high']:.1f})"


def number(value, digits=1):
    return "–" if value is None else f"{value:.{digits}f}"


def spread(value, scale=1, digits=1):
    mean, low, high = (f"{scale * value[key]:+.{digits}f}" for key in ("mean", "low", "high"))
    return f"{mean} ({low} … {high})"


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def strategies_table(result, budget):
    header = ["strategy", "seeds", "found, %", "evaluations to it", "median", "layers, right ones", "tree depth",
              "UCB choices", "multi-edit, %", "Spearman ρ"]
    rows = []
    for name, variant in result["variants"].items():
        row = variant["budgets"][budget]
        multi = row["multi_edit_share"]
        length = row["length"]
        rows.append([name, str(variant["seeds"]), share(row["found"]),
                     f"{row['evaluations']['mean']:.1f} ({row['evaluations']['low']:.1f}–{row['evaluations']['high']:.1f})",
                     f"> {budget}" if row["median_first"] is None else number(row["median_first"], 0),
                     f"{length['mean']:.2f} ({length['low']:.2f}–{length['high']:.2f})",
                     number(row["tree_depth"]), number(row["ucb_choices"], 0),
                     "–" if multi is None else f"{100 * multi:.0f}", number(row["spearman"], 2)])
    return table(header, rows)


def paired_table(result, budget, baseline):
    header = ["strategy", "found share, points", "evaluations", "only it : only the other", "p"]
    rows = []
    for name, variant in result["variants"].items():
        pair = variant["budgets"][budget].get("against " + baseline)
        if pair:
            test = pair["mcnemar"]
            rows.append([name, spread(pair["found"], 100), spread(pair["evaluations"]),
                         f"{test['only_this']} : {test['only_other']}", f"{test['p']:.2g}"])
    return table(header, rows)


LEGEND = """
- *found*: share of the questions that the standard program fails for which a right program was found.
- *evaluations to it*: restricted mean, the whole budget where none was found; *median* over questions and seeds.
- *layers*: of the shortest right program found for the questions that the standard program answers.
- What the search did: depth of its tree, descents decided by UCB, share of programs with two edits or more, and how well
  the surrogate's predictions ranked (Spearman's ρ). Strategies that do not look at their budget were run with the largest
  one alone; at smaller budgets these columns are still that run's.
- Intervals: 95 %, percentile bootstrap over questions of the mean over seeds.
"""


def text_of(result):
    asked, taken = result["evaluations"]["asked"], result["evaluations"]["taken_over"]
    parts = [f"# Search strategies at equal budgets: {result['name']}\n",
             f"{result['questions']} questions; the standard program fails {result['wrong']} of them and answers "
             f"{result['right']}. Of {asked} evaluations asked, {taken} were taken over from another search of the study. "
             f"Machine: {result['machine']}.\n{LEGEND}"]
    if "space" in result:
        space = result["space"]
        parts.append(f"The space holds {space['programs']} programs. Some right one exists for "
                     f"{100 * space['found']:.1f} % of the failed questions, where "
                     f"{100 * space['valid_share_wrong']:.1f} % of all programs are right; the shortest right programs of "
                     f"the others have {space['length']:.2f} layers on average. No strategy can do better.\n")
    for budget in reversed(result["budgets"]):
        parts.append(f"## Budget {budget}\n\n" + strategies_table(result, budget))
    for baseline in BASELINES:
        if baseline not in result["variants"]:
            continue
        for budget in reversed(result["budgets"]):
            parts.append(f"## Against `{baseline}`, budget {budget}\n\nPaired by question, all seeds; the counts and "
                         "McNemar's exact p are of seed 1.\n\n" + paired_table(result, budget, baseline))
    return "\n".join(parts)


def write(study, done, space):
    result = analyse(study, done, space)
    base = study.options.config.parent / study.name
    base.with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n")
    base.with_suffix(".md").write_text(text_of(result))
    points = [(name, budget, row["found"]["mean"], row["found"]["low"], row["found"]["high"])
              for name, variant in result["variants"].items() for budget, row in variant["budgets"].items()]
    title = "found share of the questions that the standard program fails"
    base.with_suffix(".svg").write_text(study_figure.svg(points, title))
    base.with_suffix(".vl.json").write_text(study_figure.vega_lite(points))
    print(f"wrote {base}.md, .json, .svg, .vl.json")
