r"""Compares search strategies at equal budgets, on the same questions, through `polar search` alone.

    python results/reports/search/study.py results/reports/search/embedded.yaml --space --seeds 5
    python results/reports/search/study.py results/reports/search/smollm2.yaml --budgets 60 --seeds 2 \
        --mix data:gsm8k/train.jsonl:0:30 --mix data:mawps/test.jsonl:0:40 \
        --variants 'random;mcts, paper;mcts, transposition;beam;surrogate, verdict;surrogate;menu;cascade'

Needs Python 3.11, numpy, scipy and h5py, and build/polar. Every search is a run folder of its own below
results/search-study/NAME, and is resumed or skipped when the command is called again. An evaluation that one search has
made is taken over by the next (runtime.reuse), which changes no label. The report (NAME.md, NAME.json, NAME.svg,
NAME.vl.json) is written beside the config from whatever is finished.

--space first evaluates every program of the space on every question: then all searches are look-ups, any number of
seeds costs nothing, and the best that any strategy could find is known.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys

import study_report

PAPER = ["search.strategy=mcts", "search.mcts_variant=paper", "search.reward=verdict"]


def weights(exploration, length_penalty):
    return [f"search.exploration={exploration}", f"search.length_penalty={length_penalty}"]


# name → overrides, whether the seed matters, whether what is asked first depends on the budget
VARIANTS = {
    "enumerate": (["search.strategy=enumerate"], False, False),
    "random": (["search.strategy=random"], True, False),
    "random, one edit": (["search.strategy=random", "search.max_edits=1"], True, False),
    # The paper's tree with PoLar's constants, the same with CoLa's random child, Dr.LLM's, and those of `transposition`;
    # then RE-PoLar's tree with PoLar's constants (search/mcts.h).
    "mcts, paper": (PAPER, True, False),
    "mcts, paper, random child": (PAPER + ["search.random_child=0.1"], True, False),
    "mcts, paper, Dr.LLM": (PAPER + weights(1.8, 3) + ["search.random_child=0.1"], True, False),
    "mcts, paper, 0.1": (PAPER + weights(0.1, 0.1), True, False),
    "mcts, RE-PoLar": (["search.strategy=mcts", "search.reward=verdict"] + weights(1.414, 5), True, False),
    "mcts, transposition, verdict": (["search.strategy=mcts", "search.reward=verdict"], True, False),
    "mcts, transposition": (["search.strategy=mcts"], True, False),
    "beam, verdict": (["search.strategy=beam", "search.reward=verdict"], True, True),
    "beam": (["search.strategy=beam"], True, True),
    "surrogate, verdict": (["search.strategy=surrogate", "search.reward=verdict"], True, True),
    "surrogate": (["search.strategy=surrogate"], True, True),
    "menu": (["search.strategy=menu", "search.menu_size=200"], False, False),
    "cascade, no menu": (["search.strategy=cascade"], True, True),
    "cascade": (["search.strategy=cascade", "search.menu_size=200"], True, True),
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=pathlib.Path)
    parser.add_argument("--budgets", default="10,25,50,100,200", help="programs a question; the largest is searched")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--space", action="store_true", help="evaluate the whole space first")
    parser.add_argument("--variants", default="", help="only these names, separated by ';'")
    parser.add_argument("--mix", action="append", default=[], metavar="PATH:FROM:TO",
                        help="search lines FROM to TO of this dataset (and of other --mix) instead of the config's questions")
    parser.add_argument("--report", action="store_true", help="no search: only report what is there")
    parser.add_argument("--polar", default="build/polar")
    parser.add_argument("overrides", nargs="*", help="key=value for every search, e.g. runtime.workers=2")
    return parser.parse_intermixed_args()


class Study:
    def __init__(self, options):
        self.options = options
        self.name = options.config.stem
        self.folder = pathlib.Path("results/search-study") / self.name
        self.budgets = sorted(int(text) for text in options.budgets.split(","))
        self.common = list(options.overrides)
        self.finished = []  # label files
        if options.mix:
            self.common.append(f"data.train.path={self.mix()}")
        chosen = [name for name in options.variants.split(";") if name]
        unknown = [name for name in chosen if name not in VARIANTS]
        if unknown:
            sys.exit(f"study.py: no variant {unknown[0]!r}; known are: {'; '.join(VARIANTS)}")
        self.variants = chosen or list(VARIANTS)

    def mix(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        lines = []
        for part in self.options.mix:
            path, first, last = part.rsplit(":", 2)
            lines += self.dataset(path).read_text().splitlines(keepends=True)[int(first) : int(last)]
        file = self.folder / "questions.jsonl"
        if not file.exists() or file.read_text() != "".join(lines):
            file.write_text("".join(lines))
        return file

    @staticmethod
    def dataset(path):
        if not path.startswith("data:"):
            return pathlib.Path(path)
        base = os.environ.get("POLAR_DATA") or pathlib.Path.home() / ".cache/polar/data"
        return pathlib.Path(base) / path.removeprefix("data:")

    def folder_of(self, run):
        return self.folder / run

    def search(self, run, overrides, reuse=True):
        """One `polar search`; returns its label file."""
        labels = self.folder_of(run) / "labels.h5"
        call = [self.options.polar, "search", str(self.options.config), f"results_dir={self.folder}", f"name={run}"]
        call += self.common + overrides
        if reuse and self.finished:
            call.append("runtime.reuse=[" + ", ".join(map(str, self.finished)) + "]")
        if not self.options.report and not labels.exists():
            print(" ".join(call), flush=True)
            code = subprocess.run(call).returncode
            if code:
                sys.exit(code)  # 3: stopped; the same command goes on
        if not labels.exists():
            return None
        if self.options.space:
            self.finished = self.finished or [labels]  # the space holds all there is
        elif labels not in self.finished:
            self.finished.append(labels)
        return labels

    def runs(self):
        """(variant, seed, budget, run folder's name) of every search, one seed after another."""
        for seed in range(1, self.options.seeds + 1):
            for name in self.variants:
                overrides, seeded, needs_budget = VARIANTS[name]
                if seed > 1 and not seeded:
                    continue
                for budget in self.budgets if needs_budget else self.budgets[-1:]:
                    yield name, seed, budget, self.slug(name, budget, seed)

    def overrides_of(self, name, seed, budget):
        overrides = VARIANTS[name][0] + [f"search.budget={budget}", f"seed={seed}"]
        if "search.menu_size=200" in overrides:
            # The menu is what `random` found on the same questions; Polar halves the file, so that what a question meets
            # is made from the labels of others.
            largest = self.budgets[-1]
            menu = self.search(self.slug("random", largest, 1), self.overrides_of("random", 1, largest))
            overrides.append(f"search.menu={menu}")
            return overrides if menu else None
        return overrides

    @staticmethod
    def slug(name, budget, seed):
        return f"{name.replace(', ', '-').replace(' ', '-')}-b{budget}-s{seed}"

    def run(self):
        space = None
        if self.options.space:
            space = self.search("space", ["search.strategy=enumerate", "search.budget=1000000"], reuse=False)
        done = []
        for name, seed, budget, run in self.runs():
            overrides = self.overrides_of(name, seed, budget)
            if overrides and self.search(run, overrides):
                done.append((name, seed, budget, self.folder_of(run)))
        if done:
            study_report.write(self, done, space)


if __name__ == "__main__":
    Study(arguments()).run()
