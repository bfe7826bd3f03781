"""Label files for the scripts beside this one: evaluations by question and program, answers, and what runs cost.

Needs h5py and numpy; FORMAT.md of src/store says what is in a label file.
"""
import ast
import operator

import h5py

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
    with h5py.File(path) as file:
        def texts(name):
            return [each.decode(errors="replace") for each in file[name][()]]

        ids, origin, text = texts("examples/id"), texts("programs/origin"), texts("programs/text")
        example, offset, layers = (file["programs/" + name][()] for name in ("example", "offset", "layers"))
        column = {name: file["programs/" + name][()] for name in
                  ("verdict", "answer_logprob", "margin", "prefill_layer_tokens", "decode_layer_tokens")}
        questions = {each: [] for each in ids}
        for i, question in enumerate(example):
            program = tuple(int(layer) for layer in layers[offset[i]:offset[i + 1]])
            questions[ids[question]].append(Run(
                program, origin[i] == "sample", bool(column["verdict"][i] == 1), float(column["answer_logprob"][i]),
                float(column["margin"][i]), int(column["prefill_layer_tokens"][i]),
                int(column["decode_layer_tokens"][i]), text[i]))
        return int(file.attrs["depth"]), questions


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
