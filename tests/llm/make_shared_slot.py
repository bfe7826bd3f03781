"""Writes what the releases of PoLar and Dr.LLM compute, where a repeated layer writes the same cache slot again.

  python make_shared_slot.py [--check]

Their model classes differ from HF's in one loop alone: `for layer in [self.layers[i] for i in path]`, over a
DynamicCache in which each layer keeps its own `layer_idx`, with the default attention (sdpa) and one prompt at a time.
Here HF's own classes run that loop over a list of layers in the path's order, and `generate` drives it, as there.

shared_slot.json   for the tiny checkpoints: prompt, program, greedy ids, logits, the answer's log-probability
--check            compares with the file instead of writing it; it holds under transformers 4.52.4 (the PoLar release's)
                   as well
"""

import copy
import json
import pathlib
import platform
import sys

import numpy as np
import torch
import transformers
from transformers import AutoConfig, AutoModelForCausalLM, DynamicCache

HERE = pathlib.Path(__file__).parent
MODELS = ["families/Qwen2ForCausalLM", "families/LlamaForCausalLM", "families/Qwen2MoeForCausalLM"]
NEW_TOKENS = 10
SMALLEST_MARGIN = 0.02  # of any greedy path kept: far above the 2e-4 allowed between two implementations
PROGRAMS = [[0, 1, 2, 3], [0, 1, 1, 2, 3], [0, 0, 1, 2, 3], [1, 2, 3, 3], [0, 1, 2, 1, 2, 1, 2, 3], [2, 2, 2],
            [0, 1, 2, 3, 0, 1, 2, 3]]
LENGTHS = [1, 2, 9, 70]


def load(folder):
    if int(transformers.__version__.split(".")[0]) >= 5:
        return AutoModelForCausalLM.from_pretrained(folder, attn_implementation="sdpa", dtype=torch.float32).eval()
    config = AutoConfig.from_pretrained(folder)
    rope = json.loads((folder / "config.json").read_text())["rope_parameters"]  # two keys before version 5
    config.rope_theta = rope.pop("rope_theta")
    config.rope_scaling = rope if rope["rope_type"] != "default" else None
    return AutoModelForCausalLM.from_pretrained(folder, config=config, attn_implementation="sdpa",
                                                torch_dtype=torch.float32).eval()


def along(model, program):
    """`model` with its loop over layers going along `program`; the layers and their layer_idx are the same objects."""
    shell = copy.copy(model)
    shell._modules = dict(model._modules)
    inner = copy.copy(model.model)
    inner._modules = dict(model.model._modules)
    inner.config = copy.deepcopy(model.config)
    inner.config.num_hidden_layers = len(program)  # HF's loop stops at this count
    if getattr(inner.config, "layer_types", None):
        inner.config.layer_types = ["full_attention"] * len(program)
    inner.layers = torch.nn.ModuleList(model.model.layers[i] for i in program)
    shell.model = inner
    return shell


@torch.no_grad()
def run(model, program, prompt, answer):
    runner = along(model, program)

    def step(ids, cache, start):
        positions = torch.arange(start, start + len(ids)).unsqueeze(0)
        return runner(torch.tensor([ids]), past_key_values=cache, position_ids=positions,
                      cache_position=positions[0], use_cache=True).logits[0].float()[-1]

    cache = DynamicCache()
    first = step(prompt, cache, 0)
    # The answer as decoding would give it: token by token.
    row, logprob, fed = first, 0.0, copy.deepcopy(cache)
    for n, token in enumerate(answer):
        logprob += float(torch.log_softmax(row.double(), -1)[token])
        if n + 1 < len(answer):
            row = step([token], fed, len(prompt) + n)
    row, ids, margin = first, [], float("inf")
    for n in range(NEW_TOKENS):
        top = torch.topk(row, 2)
        margin = min(margin, float(top.values[0] - top.values[1]))
        ids.append(int(top.indices[0]))
        if n + 1 < NEW_TOKENS:
            row = step([ids[-1]], cache, len(prompt) + n)
    kept = {i: program.count(i) * (len(prompt) + NEW_TOKENS - 1) for i in program}
    for layer, keys in kept.items():
        assert cache.get_seq_length(layer) == keys  # each pass appended to the layer's own slot
    return {"ids": ids, "margin": margin, "logits": first, "answer_logprob": logprob}


@torch.no_grad()
def generated(model, program, prompt):
    mask = torch.ones(1, len(prompt), dtype=torch.long)
    out = along(model, program).generate(
        torch.tensor([prompt]), attention_mask=mask, max_new_tokens=NEW_TOKENS, min_new_tokens=NEW_TOKENS,
        do_sample=False, past_key_values=DynamicCache(), pad_token_id=0, eos_token_id=None)
    return out[0][len(prompt):].tolist()


def numbers(values):
    return [float(f"{float(v):.7g}") for v in values]


def stable_case(model, program, random, length):
    for _ in range(500):
        prompt = [int(t) for t in random.integers(3, 160, length)]
        answer = [int(t) for t in random.integers(3, 160, 1 + length % 4)]
        result = run(model, program, prompt, answer)
        if result["margin"] >= SMALLEST_MARGIN:
            assert generated(model, program, prompt) == result["ids"]
            return {"program": program, "prompt": prompt, "answer": answer, "ids": result["ids"],
                    "margin": numbers([result["margin"]])[0], "answer_logprob": numbers([result["answer_logprob"]])[0],
                    "logits_every_4": numbers(result["logits"][::4])}
    raise RuntimeError(f"no stable prompt for {program}")


def check():
    cases = 0
    for name, expected in json.loads((HERE / "shared_slot.json").read_text())["models"].items():
        model = load(HERE / name)
        for case in expected:
            found = run(model, case["program"], case["prompt"], case["answer"])
            assert generated(model, case["program"], case["prompt"]) == case["ids"] == found["ids"], case["program"]
            assert abs(found["answer_logprob"] - case["answer_logprob"]) < 1e-3
            cases += 1
    print(f"{cases} cases hold under transformers {transformers.__version__}, torch {torch.__version__}")


def main():
    torch.set_num_threads(1)
    if sys.argv[1:] == ["--check"]:
        return check()
    models = {}
    for seed, name in enumerate(MODELS):
        model, random = load(HERE / name), np.random.default_rng(500 + seed)
        models[name] = [stable_case(model, program, random, length) for program in PROGRAMS for length in LENGTHS]
    versions = {"python": platform.python_version(), "torch": torch.__version__.split("+")[0],
                "transformers": transformers.__version__}
    text = json.dumps({"versions": versions, "new_tokens": NEW_TOKENS, "models": models})
    (HERE / "shared_slot.json").write_text(text.replace('{"program"', '\n{"program"') + "\n")


if __name__ == "__main__":
    main()
