"""Polar's shared executor against the stock ways, in one run on one machine; JSON on stdout.

  python tests/peers/compare.py configs/gsm8k-smollm2.yaml --questions 30 --programs 40 [--same-programs] [key=value ...]

Ours: `polar bench` with one worker a core; its evaluations carry the reference answer's log-probability too. Peers
(peers.py): HF transformers with all cores, (a) one program at a time on `--sample-a` programs of every question, (b) a
masked batch on all programs of `--sample-b` questions. Greedy ids must agree wherever both margins exceed 1e-3.
"""

import argparse
import collections
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

import torch

from peers import MaskedBatch, load, one_at_a_time

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run_ours(arguments):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "evaluations.jsonl"
        command = [str(arguments.polar), "bench", arguments.config, "--executors", "shared", "--evaluations", str(file),
                   "--questions", str(arguments.questions), "--programs", str(arguments.programs),
                   *(["--same-programs"] if arguments.same_programs else []), *arguments.overrides]
        bench = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        tasks = collections.defaultdict(list)
        for line in file.read_text().splitlines():
            task = json.loads(line)
            tasks[task["question"]].append(task)
    return bench, list(tasks.values())


class Agreement:
    """Ids against Polar's, program by program."""

    def __init__(self):
        self.same = self.near_tie = self.different = 0
        self.margins = {}  # by question and program

    def counts(self):
        return {"same": self.same, "near_tie": self.near_tie, "different": self.different}

    def add(self, task, result):
        ours = task["token_ids"]
        self.margins[task["question"], tuple(task["program"])] = result["margin"]
        if result["ids"][:len(ours)] == ours:  # after them comes at most the end of sequence
            self.same += 1
        elif min(result["margin"], task["margin"]) <= 1e-3:
            self.near_tie += 1
        else:
            self.different += 1


def timed(run):
    agreement, start = Agreement(), time.perf_counter()
    count = run(agreement)
    seconds = time.perf_counter() - start
    return agreement, {"evaluations": count, "seconds": round(seconds, 2), "evaluations_per_second": count / seconds,
                       "ids": agreement.counts()}


def other_bits(a, b):
    """The negative control: the stock batched path against the stock single path, by the last bit of the margins."""
    both = a.margins.keys() & b.margins.keys()
    return {"programs": len(both), "margins_differ": sum(a.margins[key] != b.margins[key] for key in both)}


def peer_a(model, questions, sample):
    def run(agreement):
        chosen = [task for number, tasks in enumerate(questions)  # other programs for every question
                  for task in random.Random(number).sample(tasks, min(sample, len(tasks)))]
        for task in chosen:
            agreement.add(task, one_at_a_time(model, task))
        return len(chosen)
    return timed(run)


def peer_b(model, questions, sample, batch):
    def run(agreement):
        count = 0
        for tasks in questions[:sample]:
            for at in range(0, len(tasks), batch):
                part = tasks[at:at + batch]
                for task, result in zip(part, MaskedBatch(model, part).run()):
                    agreement.add(task, result)
                count += len(part)
        return count
    return timed(run)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config")
    parser.add_argument("--model", required=True, type=pathlib.Path, help="the config's model: .gguf or HF folder")
    parser.add_argument("--polar", type=pathlib.Path, default=ROOT / "build/polar")
    parser.add_argument("--questions", type=int, default=30)
    parser.add_argument("--programs", type=int, default=40)
    parser.add_argument("--same-programs", action="store_true")
    parser.add_argument("--sample-a", type=int, default=4, help="programs of each question; 0 = not that peer")
    parser.add_argument("--sample-b", type=int, default=6, help="questions; 0 = not that peer")
    parser.add_argument("--batch-b", type=int, default=40, help="programs in one masked batch")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("overrides", nargs="*")
    arguments = parser.parse_intermixed_args()

    bench, questions = run_ours(arguments)
    torch.set_num_threads(arguments.threads)
    model = load(arguments.model, "sdpa")
    with torch.inference_mode():
        one_at_a_time(model, questions[0][0])  # warm
        peers = {}
        if arguments.sample_a:
            a, peers["one_at_a_time"] = peer_a(model, questions, arguments.sample_a)
        if arguments.sample_b:
            b, peers["masked_batch"] = peer_b(model, questions, arguments.sample_b, arguments.batch_b)
    ours = bench["runs"][0]["evaluations_per_second"]
    result = {"command": "tests/peers/compare.py " + " ".join(sys.argv[1:]), "machine": bench["machine"],
              "torch": torch.__version__, "threads": arguments.threads, "ours": bench, **peers,
              "ratio": {name: ours / peer["evaluations_per_second"] for name, peer in peers.items()}}
    if len(peers) == 2:
        result["stock_paths_against_each_other"] = other_bits(a, b)
    print(json.dumps(result, indent=1))
    if any(peer["ids"]["different"] for peer in peers.values()):
        sys.exit(4)


if __name__ == "__main__":
    main()
