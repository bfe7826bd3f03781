#!/usr/bin/env python3
"""Measures the embedded model and prints the tables of README.md.

    python measure.py                 accuracy per level of every split, then layers and oracle on 1000 of train.jsonl
    python measure.py --examples 300  fewer examples for the layers and the oracle

A program runs without a cache: the layers are called in its order on the whole sequence, so a repeated
layer attends to its own pass. An answer counts as right when greedy decoding writes it and the closing
brace. That holds exactly when each token of answer and brace is the most likely one after the
tokens before it, so one pass over prompt and reference answer decides it.
"""
import argparse
import json
from pathlib import Path

import torch
from transformers import AutoTokenizer, LlamaForCausalLM

HERE = Path(__file__).resolve().parent
LEVELS = (1, 2, 3, 4, 5)


def read(path, count=None):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file][:count]


def wilson(right, n, z=1.959964):
    share, spread = right / n, z * z / n
    middle = share + spread / 2
    half = z * ((share * (1 - share) + spread / 4) / n) ** 0.5
    return 100 * (middle - half) / (1 + spread), 100 * (middle + half) / (1 + spread)


def batches(tokenizer, records, size=64):
    """Of records, sorted by length: (indices, ids, 1 where the next token belongs to the answer)."""
    rows = []
    for i, record in enumerate(records):
        head = tokenizer(f"Question: {record['question']}\nAnswer: \\boxed{{").input_ids
        rows.append((i, head, tokenizer(record["answer"] + "}").input_ids))
    rows.sort(key=lambda row: len(row[1]) + len(row[2]))
    for at in range(0, len(rows), size):
        part = rows[at:at + size]
        width = max(len(head) + len(tail) for _, head, tail in part)
        ids = torch.zeros(len(part), width, dtype=torch.long)
        answer = torch.zeros(len(part), width - 1, dtype=torch.bool)
        for j, (_, head, tail) in enumerate(part):
            ids[j, :len(head) + len(tail)] = torch.tensor(head + tail)
            answer[j, len(head) - 1:len(head) + len(tail) - 1] = True
        yield [row[0] for row in part], ids, answer


class Runner:
    def __init__(self, folder):
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        self.layers = self.model.model.layers
        self.depth = len(self.layers)

    @torch.no_grad()
    def verdicts(self, records, programs):
        """[record][program]: whether the program's greedy answer is right. Shares what programs begin with alike."""
        right = torch.zeros(len(records), len(programs), dtype=torch.bool)
        order = sorted(range(len(programs)), key=lambda i: programs[i])
        for indices, ids, answer in batches(self.tokenizer, records):
            start = self.model.model.embed_tokens(ids)
            turn = self.model.model.rotary_emb(start, torch.arange(ids.shape[1])[None])
            done, states = [], [start]  # states[i] is the state after done[:i]
            for i in order:
                program = programs[i]
                same = 0
                while same < min(len(done), len(program)) and done[same] == program[same]:
                    same += 1
                del states[same + 1:]
                for layer in program[same:]:
                    states.append(self.layers[layer](states[-1], attention_mask=None, position_embeddings=turn))
                done = program
                rows, places = answer.nonzero(as_tuple=True)
                hidden = self.model.model.norm(states[-1][rows, places])
                hit = self.model.lm_head(hidden).argmax(-1) == ids[rows, places + 1]
                wrong = torch.zeros(len(indices)).index_add_(0, rows, (~hit).float())
                right[indices, i] = wrong == 0
        return right


def one_segment_programs(depth, longest=4):
    """{(op, start, length): program} for every single skipped or twice executed segment."""
    standard = list(range(depth))
    out = {}
    for length in range(1, longest + 1):
        for at in range(depth - length + 1):
            out["skip", at, length] = standard[:at] + standard[at + length:]
            out["repeat", at, length] = standard[:at + length] + standard[at:]
    return out


def row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |")


def head(*cells):
    row(*cells)
    print("|" + "---|" * len(cells))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=HERE / "model")
    parser.add_argument("--data", type=Path, default=HERE)
    parser.add_argument("--examples", type=int, default=1000, help="of train.jsonl, for layers and oracle; 0 leaves these out")
    parser.add_argument("--limit", type=int, help="records of each split for the accuracy")
    args = parser.parse_args()
    torch.set_num_threads(1)
    runner = Runner(args.model)
    standard = list(range(runner.depth))

    print("## Standard program\n")
    head("split", "n", "all", *(f"level {level}" for level in LEVELS))
    for name in ("train", "test", "ood_wording", "ood_range"):
        records = read(args.data / f"{name}.jsonl", args.limit)
        right = runner.verdicts(records, [standard])[:, 0].tolist()
        cells = []
        for levels in (LEVELS, *((level,) for level in LEVELS)):
            hits = [r for r, record in zip(right, records) if record["level"] in levels]
            low, high = wilson(sum(hits), len(hits))
            cells.append(f"{100 * sum(hits) / len(hits):.1f} ({low:.1f}–{high:.1f})")
        row(name, len(records), *cells)

    if not args.examples:
        return
    records = read(args.data / "train.jsonl", args.examples)
    edits = one_segment_programs(runner.depth)
    right = runner.verdicts(records, [standard, *edits.values()])
    share = dict(zip(edits, (100 * right[:, 1:].float().mean(0)).tolist()))
    base = 100 * right[:, 0].float().mean().item()
    print(f"\n## Layers (first {len(records)} of train.jsonl; standard program {base:.1f})\n")
    head("layer", "skipped", "executed twice", "*2 from here skipped*", "*2 from here twice*", "*4 from here skipped*", "*4 from here twice*")
    for layer in standard:
        row(layer, *(f"{share[op, layer, length]:.1f}" if (op, layer, length) in share else ""
                     for length in (1, 2, 4) for op in ("skip", "repeat")))

    print(f"\n## Oracle over the standard program and {len(edits)} one-segment programs (same examples)\n")
    head("", "all", *(f"level {level}" for level in LEVELS))
    level = torch.tensor([record["level"] for record in records])
    any_skip = right[:, [0] + [1 + i for i, key in enumerate(edits) if key[0] == "skip"]].any(1)
    any_repeat = right[:, [0] + [1 + i for i, key in enumerate(edits) if key[0] == "repeat"]].any(1)
    best = max(share, key=share.get)
    for name, hits in (("standard", right[:, 0]), ("oracle, skips", any_skip), ("oracle, repeats", any_repeat),
                       ("oracle, both", right.any(1)),
                       (f"best single edit on all ({best[0]} {best[1]}–{best[1] + best[2] - 1})", right[:, 1 + list(edits).index(best)])):
        row(name, *(f"{100 * hits[torch.isin(level, torch.tensor(levels))].float().mean():.1f}"
                    for levels in (LEVELS, *((one,) for one in LEVELS))))
    solved = right[right.any(1)]
    print(f"\nOf the programs of a solvable example, {100 * solved.float().mean():.1f} % are right (mean); "
          f"{100 * (right.sum(1) == 0).float().mean():.1f} % of the examples have none.")


if __name__ == "__main__":
    main()
