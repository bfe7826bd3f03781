#!/usr/bin/env python3
"""Labels for the scripts beside this one: evaluations by question and program, answers, and what runs cost.

    labels.py LABELS.h5 LABELS.tsv.xz

writes a label file (src/store/FORMAT.md) as a table that repeats an analysis without the questions' text: the model's
depth in the first line, then question id, program, whether it is a sample, right, log-probability of the reference answer,
margin, layer-tokens of prefill and of decoding, and the text as JSON. load() reads both. Label files need h5py.
"""
import ast
import json
import lzma
import operator
import sys

OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
             ast.USub: operator.neg, ast.UAdd: operator.pos}


class Run:
    """One evaluation: a program, greedily or by drawing tokens."""

    def __init__(self, program, sample, right, logprob, margin, prefill, decode, text):
        self.program, self.sample, self.right, self.logprob = program, sample, right, logprob
        self.margin, self.prefill, self.decode = margin, prefill, decode
        self.answer = answer_of(text)


def value(node):
    if isinstance(node, ast.Expression):
        return value(node.body)
    if isinstance(node, ast.BinOp):
        return OPERATORS[type(node.op)](value(node.left), value(node.right))
    if isinstance(node, ast.UnaryOp):
        return OPERATORS[type(node.op)](value(node.operand))
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return node.value
    raise ValueError


def answer_of(text):
    """The value of the calculation in the box; its text where it is none; None without a box that closes."""
    box, closed, _ = text.partition("}")
    if not closed:
        return None
    plain = box.replace("\\times", "*").replace("\\div", "/").replace("$", "").replace(",", "").replace("%", "/100")
    try:
        return round(float(value(ast.parse(plain.strip(), mode="eval"))), 6)
    except (SyntaxError, ValueError, KeyError, ZeroDivisionError, OverflowError, RecursionError):
        return box.strip() or None


def load(path):
    """(depth, {question id: [Run, ...]}) with the runs of a question in the order of the search."""
    questions = {}
    depth, rows = read_table(path) if str(path).endswith(".tsv.xz") else read_hdf5(path)
    for question, program, *rest in rows:
        questions.setdefault(question, []).append(Run(layers_of(program), *rest))
    return depth, questions


def read_hdf5(path):
    import h5py

    with h5py.File(path) as file:
        def texts(name):
            return [each.decode(errors="replace") for each in file[name][()]]

        ids, origin, text = texts("examples/id"), texts("programs/origin"), texts("programs/text")
        example, offset, layers = (file["programs/" + name][()] for name in ("example", "offset", "layers"))
        verdict, logprob, margin, prefill, decode = (
            file["programs/" + name][()].tolist() for name in
            ("verdict", "answer_logprob", "margin", "prefill_layer_tokens", "decode_layer_tokens"))
        rows = [(ids[example[i]], text_form(layers[offset[i]:offset[i + 1]].tolist()), origin[i] == "sample",
                 verdict[i] == 1, logprob[i], margin[i], prefill[i], decode[i], text[i]) for i in range(len(example))]
        return int(file.attrs["depth"]), rows


def read_table(path):
    with lzma.open(path, "rt", encoding="utf-8") as file:
        depth = int(file.readline().split()[-1])
        rows = []
        for line in file:
            question, program, sample, right, logprob, margin, prefill, decode, text = line.rstrip("\n").split("\t")
            rows.append((question, program, sample == "1", right == "1", float(logprob), float(margin), int(prefill),
                         int(decode), json.loads(text)))
        return depth, rows


def write_table(depth, rows, path):
    with lzma.open(path, "wt", encoding="utf-8", preset=9) as file:
        file.write(f"depth {depth}\n")
        for question, program, sample, right, logprob, margin, prefill, decode, text in rows:
            file.write(f"{question}\t{program}\t{int(sample)}\t{int(right)}\t{logprob:.6g}\t{margin:.6g}\t{prefill}\t"
                       f"{decode}\t{json.dumps(text)}\n")


def by_program(runs):
    """The greedy run of each program."""
    return {run.program: run for run in reversed(runs) if not run.sample}


def distinct_layers(programs):
    """Layers of all programs together, where those that they begin with alike count once."""
    return len({program[:length] for program in programs for length in range(1, len(program) + 1)})


def text_form(program):
    parts, start = [], 0
    for i in range(1, len(program) + 1):
        if i == len(program) or program[i] != program[i - 1] + 1:
            first, last = program[start], program[i - 1]
            parts.append(str(first) if first == last else f"{first}-{last}")
            start = i
    return ",".join(parts)


def layers_of(text):
    """The layers of a program's text form: "0-2,2" is 0, 1, 2, 2."""
    layers = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        layers += range(int(first), int(last or first) + 1)
    return tuple(layers)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    write_table(*read_hdf5(sys.argv[1]), sys.argv[2])
