"""The stock ways to run programs of layers: HF transformers, one program at a time and in a masked batch.

Both take what `polar bench --evaluations FILE` wrote (prompt ids, program, generated ids), generate as many tokens as
Polar did (so they need no stop rule of their own, and lose nothing by it), and return greedy ids with their margins. They
compute no log-probability of the reference answer, which Polar's evaluations carry. fp32, all cores.
"""

import pathlib
import sys

import torch
from transformers import AutoModelForCausalLM, DynamicCache

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "llm"))
from program_reference import margin_of, program_model  # noqa: E402


def load(path, attention):
    path = pathlib.Path(path)
    gguf = {"gguf_file": path.name} if path.suffix == ".gguf" else {}
    return AutoModelForCausalLM.from_pretrained(path.parent if gguf else path, dtype=torch.float32,
                                                attn_implementation=attention, **gguf).eval()


def one_at_a_time(model, task):
    """Peer (a): the program as a stack of layers with a DynamicCache, a slot for each position."""
    runner, cache = program_model(model, task["program"]), DynamicCache()
    step = lambda ids: runner(torch.tensor([ids]), past_key_values=cache, use_cache=True, logits_to_keep=1).logits[0, -1]
    row, ids, margin = step(task["prompt_ids"]), [], float("inf")
    for count in range(task["steps"]):
        margin = min(margin, margin_of(row))
        ids.append(int(row.argmax()))
        if count + 1 < task["steps"]:
            row = step(ids[-1:])
    return {"ids": ids, "margin": margin}


class BatchCache:
    """Keys and values of a batch of programs on one prompt: [program, position, KV head, token, head size]."""

    def __init__(self, config, programs, tokens):
        size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
        shape = (len(programs), max(map(len, programs)), config.num_key_value_heads, tokens, size)
        self.keys, self.values = torch.zeros(shape), torch.zeros(shape)
        self.rows = self.positions = None
        self.length = 0

    def update(self, keys, values, *_, **__):
        """What an HF layer calls: stores the group's new tokens, returns all of its tokens."""
        end = self.length + keys.shape[2]
        self.keys[self.rows, self.positions, :, self.length:end] = keys
        self.values[self.rows, self.positions, :, self.length:end] = values
        if self.length == 0:
            return keys, values
        return self.keys[self.rows, self.positions, :, :end], self.values[self.rows, self.positions, :, :end]


class MaskedBatch:
    """Peer (b): all programs of a question in one batch; at each turn, of the layers that rows wait for, the one that
    most rows wait for runs on those rows (RE-PoLar's batch, rows grouped by next layer)."""

    def __init__(self, model, tasks):
        self.model, self.tasks = model, tasks
        self.programs = [task["program"] for task in tasks]
        steps = max(task["steps"] for task in tasks)
        self.cache = BatchCache(model.config, self.programs, len(tasks[0]["prompt_ids"]) + steps)

    def advance(self, rows, ids):
        """ids: [rows, tokens] after what the cache holds → logits [rows, vocabulary] of the last token."""
        inner = self.model.model
        hidden = inner.embed_tokens(ids)
        tokens = ids.shape[1]
        place = torch.arange(self.cache.length, self.cache.length + tokens)[None]
        rotary = inner.rotary_emb(hidden, place)
        at = [0] * len(rows)
        while True:
            waiting = {}
            for i, row in enumerate(rows):
                if at[i] < len(self.programs[row]):
                    waiting.setdefault(self.programs[row][at[i]], []).append(i)
            if not waiting:
                break
            layer, group = max(waiting.items(), key=lambda item: (len(item[1]), -item[0]))
            chosen = torch.tensor(group)
            self.cache.rows = torch.tensor([rows[i] for i in group])
            self.cache.positions = torch.tensor([at[i] for i in group])
            out = inner.layers[layer](hidden[chosen], attention_mask=None, position_ids=place, position_embeddings=rotary,
                                      past_key_values=self.cache, use_cache=True)
            hidden[chosen] = out[0] if isinstance(out, tuple) else out
            for i in group:
                at[i] += 1
        self.cache.length += tokens
        return self.model.lm_head(inner.norm(hidden[:, -1]))

    def run(self):
        results = [{"ids": [], "margin": float("inf")} for _ in self.tasks]
        live = [i for i, task in enumerate(self.tasks) if task["steps"] > 0]
        ids = torch.tensor([self.tasks[0]["prompt_ids"]] * len(live))
        while live:
            logits = self.advance(live, ids)
            for i, row in zip(live, logits):
                results[i]["margin"] = min(results[i]["margin"], margin_of(row))
                results[i]["ids"].append(int(row.argmax()))
            live = [i for i in live if len(results[i]["ids"]) < self.tasks[i]["steps"]]
            ids = torch.tensor([[results[i]["ids"][-1]] for i in live])
        return results
