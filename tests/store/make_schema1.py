"""make_schema1.py FILE: a schema-1 label file written by h5py alone, as src/store/FORMAT.md describes it.

tests/store/schema1.h5 was made by it (h5py 3.16.0, HDF5 2.0.0) and stays as it is: later versions of Polar must read it.
"""

import hashlib
import sys

try:
    import h5py
    import numpy as np
except ImportError:
    sys.exit(77)

programs = [  # example, layers, verdict, log-probability, margin, order, parent, origin, text, rule
    (0, [0, 1, 2, 3], 1, -0.25, 1.5, 0, -1, "standard", "7}", "box/integer"),
    (0, [0, 1, 1, 2, 3], 0, -2.0, 0.125, 1, 0, "enumerate", "8}", "box/integer"),
    (1, [0, 1, 2, 3], 2, float("nan"), 0.5, 0, -1, "standard", "", "none"),
    (1, [3], 0, -9.0, 0.0, 1, 0, "enumerate", "\u03c0", "none"),
]
text = h5py.string_dtype("utf-8")
columns = {
    "examples/id": (text, ["a/0", "a/1"]),
    "examples/question": (text, ["3 + 4?", "Which one?"]),
    "examples/answer": (text, ["7", "B"]),
    "examples/solution": (text, ["3 + 4 = 7", ""]),
    "examples/level": ("<i4", [2, -(2**31)]),
    "examples/subject": (text, ["sum", ""]),
    "examples/source": (text, ["made up", "made up"]),
    "examples/split": (text, ["train", "validation"]),
    "examples/standard_verdict": ("u1", [1, 2]),
    "examples/option_offset": ("<u8", [0, 0, 2]),
    "examples/option": (text, ["left", "right"]),
    "programs/example": ("<u4", [p[0] for p in programs]),
    "programs/offset": ("<u8", np.cumsum([0] + [len(p[1]) for p in programs])),
    "programs/layers": ("<u2", [layer for p in programs for layer in p[1]]),
    "programs/verdict": ("u1", [p[2] for p in programs]),
    "programs/answer_logprob": ("<f4", [p[3] for p in programs]),
    "programs/margin": ("<f4", [p[4] for p in programs]),
    "programs/executed": ("<i4", [len(p[1]) for p in programs]),
    "programs/unique": ("<i4", [len(set(p[1])) for p in programs]),
    "programs/order": ("<u4", [p[5] for p in programs]),
    "programs/parent": ("<i4", [p[6] for p in programs]),
    "programs/origin": (text, [p[7] for p in programs]),
    "programs/text": (text, [p[8] for p in programs]),
    "programs/rule": (text, [p[9] for p in programs]),
    "programs/prefill_layer_tokens": ("<i8", [20 * len(p[1]) for p in programs]),
    "programs/decode_layer_tokens": ("<i8", [2 * len(p[1]) for p in programs]),
}
attributes = {
    "config": "name: made-up\n",
    "fingerprint": "f" * 64,
    "tool_version": "0.1.0",
    "git_revision": "none",
    "weights_sha256": "a" * 64,
    "tokenizer_sha256": "b" * 64,
    "data_sha256": "c" * 64,
    "prompt_template": "zero-shot",
    "dtype": "fp32",
    "device": "cpu",
    "grader_version": "1",
}

with h5py.File(sys.argv[1], "w", userblock_size=512) as file:
    file.attrs.create("schema_version", 1, dtype="<i4")
    file.attrs.create("depth", 4, dtype="<i4")
    file.attrs.create("seed", 7, dtype="<u8")
    for name, value in attributes.items():
        file.attrs.create(name, value, dtype=text)
    for name, (kind, values) in columns.items():
        file.create_dataset(name, data=values, dtype=kind)

with open(sys.argv[1], "r+b") as file:  # the seal
    file.seek(512)
    seal = b"polar labels\nsha256 " + hashlib.sha256(file.read()).hexdigest().encode() + b"\n"
    file.seek(0)
    file.write(seal.ljust(512, b"\0"))
