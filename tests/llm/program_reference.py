"""What both fixture makers share: HF transformers running a program, each position with its own cache slot."""

import copy
import platform

import torch
import transformers
from transformers import DynamicCache


def program_model(model, program):
    """`model` with layers program[0], program[1], …: weights shared, a cache slot (layer_idx) for each position."""
    shell = copy.copy(model)
    shell._modules = dict(model._modules)
    shell.config = copy.deepcopy(model.config)
    shell.config.num_hidden_layers = len(program)  # HF's loop stops at this count
    if getattr(shell.config, "layer_types", None):  # Qwen's masks are looked up by position
        assert set(shell.config.layer_types) == {"full_attention"}
        shell.config.layer_types = ["full_attention"] * len(program)
    inner = copy.copy(model.model)
    inner._modules = dict(model.model._modules)
    inner.config = shell.config
    layers = []
    for position, index in enumerate(program):
        layer = copy.copy(model.model.layers[index])
        layer._modules = dict(layer._modules)
        attention = copy.copy(layer.self_attn)  # parameters are the same objects
        attention.layer_idx = position
        layer.self_attn = attention
        layers.append(layer)
    inner.layers = torch.nn.ModuleList(layers)
    shell.model = inner
    return shell


def margin_of(row):
    top = torch.topk(row, 2).values
    return float(top[0] - top[1])


@torch.no_grad()
def run_program(model, program, prompt, answer, new_tokens, end_of_sequence=()):
    """Greedy ids, smallest margin, last prompt position's logits and log-probability of `answer`, with a cache."""
    runner = program_model(model, program)
    cache = DynamicCache()

    def step(ids, past):
        # An empty program keeps no keys; it also has no positions to get wrong.
        return runner(torch.tensor([ids]), past_key_values=past, use_cache=True).logits[0].float()

    row = step(prompt, cache)[-1]
    result = {"logits": row}
    if answer:
        rows = [row]
        if len(answer) > 1:
            rows += list(step(answer[:-1], copy.deepcopy(cache)))
        logs = [torch.log_softmax(r.double(), -1)[token] for r, token in zip(rows, answer)]
        result["answer_logprob"] = float(sum(logs))
    ids, margin, finished = [], float("inf"), False
    for count in range(new_tokens):
        margin = min(margin, margin_of(row))
        token = int(row.argmax())
        if token in end_of_sequence:
            finished = True
            break
        ids.append(token)
        if count + 1 < new_tokens:
            row = step([token], cache)[-1]
    result.update(ids=ids, margin=margin, finished=finished)
    return result


@torch.no_grad()
def greedy_without_cache(model, program, prompt, new_tokens):
    """The definition: every step runs the whole text through the layers. Judges run_program's use of the cache."""
    runner = program_model(model, program)
    ids = list(prompt)
    for _ in range(new_tokens):
        ids.append(int(runner(torch.tensor([ids]), use_cache=False).logits[0, -1].argmax()))
    return ids[len(prompt):]


def numbers(values):
    return [float(f"{float(v):.7g}") for v in values]


def number(value):
    return float(f"{float(value):.7g}")


def versions():
    import gguf  # noqa: F401
    from importlib.metadata import version
    return {"python": platform.python_version(), "torch": torch.__version__.split("+")[0],
            "transformers": transformers.__version__, "safetensors": version("safetensors"), "gguf": version("gguf"),
            "tokenizers": version("tokenizers")}
