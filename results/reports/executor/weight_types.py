"""One product with fp32, bf16, int8 and int4 weights, as libtorch offers them on a CPU; JSON lines.

  python results/reports/executor/weight_types.py

Microseconds of one thread for SmolLM2's gate (576 x 1536) and output projection (576 x 49152), the best of three. Weights
take turns among enough copies that they come from memory, as a model's do. int8 and int4 take bf16 activations.
"""

import json
import time

import torch

torch.set_num_threads(1)
packed_linear = torch.ops.mkldnn._linear_pointwise
pack = torch.ops.mkldnn._reorder_linear_weight


def microseconds(run, repeats):
    run()
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        for _ in range(repeats):
            run()
        best = min(best, (time.process_time() - start) / repeats)
    return round(best * 1e6)


class Turns:
    def __init__(self, items):
        self.items, self.at = items, 0

    def next(self):
        self.at = (self.at + 1) % len(self.items)
        return self.items[self.at]


def measure(inner, outer):
    copies = max(2, int(3e8 / (inner * outer * 4)))
    weights = [torch.randn(outer, inner) for _ in range(copies)]
    fp32 = Turns([pack(w, 64) for w in weights])
    bf16 = Turns([pack(w.bfloat16(), 64) for w in weights])
    int8 = Turns([(w * 10).clamp(-127, 127).to(torch.int8) for w in weights])
    int4 = Turns([torch.ops.aten._convert_weight_to_int4pack_for_cpu(
        torch.randint(0, 15, (outer, inner), dtype=torch.int32), 1) for _ in weights])
    scale8 = torch.ones(outer, dtype=torch.bfloat16)
    scale4 = torch.ones(inner // 32, outer, 2, dtype=torch.bfloat16)
    for rows in (1, 4, 16, 64, 256):
        x = torch.randn(rows, inner)
        short = x.bfloat16()
        repeats = max(8, min(600, int(4e9 / (2 * rows * inner * outer))))
        few = max(3, repeats // 8)
        print(json.dumps({"inner": inner, "outer": outer, "rows": rows, "microseconds": {
            "fp32": microseconds(lambda: packed_linear(x, fp32.next(), None, "none", [], ""), repeats),
            "bf16": microseconds(lambda: packed_linear(short, bf16.next(), None, "none", [], ""), repeats),
            "int8": microseconds(lambda: torch.ops.aten._weight_int8pack_mm(short, int8.next(), scale8), few),
            "int4": microseconds(lambda: torch.ops.aten._weight_int4pack_mm_for_cpu(short, int4.next(), 32, scale4), few),
        }}), flush=True)


if __name__ == "__main__":
    with torch.inference_mode():
        measure(576, 1536)
        measure(576, 49152)
