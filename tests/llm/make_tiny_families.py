"""Writes a tiny random checkpoint for every model family and what HF transformers computes with it.

  python make_tiny_families.py            # all of it
  python make_tiny_families.py NAME …     # these checkpoints alone; a new one goes at the end of FAMILIES

Needs torch, transformers (with accelerate, sympy, networkx, jinja2, psutil), gguf and safetensors, in the versions that
reference.json names: others, and other processors, change its last digits.

families/ARCHITECTURE/   config.json, weights (half precision) and reference.json
families/moe-alternate/  the same for Qwen2-MoE's other settings
families/NAME.gguf       the same weights as convert_hf_to_gguf.py lays them out
families/refused-*.gguf  headers that ask for arithmetic we do not have
families/embedding/      Qwen3 saved as a base model: no "model." before the names, no lm_head
"""

import json
import math
import pathlib
import shutil
import sys

import gguf
import numpy as np
import torch
from gguf import GGMLQuantizationType as T
from safetensors.torch import load_file, save_file
from transformers import (AutoModel, AutoModelForCausalLM, LlamaConfig, Qwen2Config, Qwen2MoeConfig, Qwen3Config)

from make_tiny_llama import finish, permute, randomize
from program_reference import greedy_without_cache, number, numbers, run_program, versions

HERE = pathlib.Path(__file__).parent / "families"
NEW_TOKENS = 10
SMALLEST_MARGIN = 0.02  # of any greedy path kept: far above the 2e-4 allowed between two implementations
SMALLEST_GAP = 1e-4     # between the last chosen expert's share and the next one's
DEPTH, VOCABULARY = 4, 160
PROGRAMS = [
    [],
    [2],
    [0, 1, 3],                          # skip
    [0, 3],
    [0, 1, 1, 2, 3],                    # repeat x2
    [0, 1, 2, 1, 2, 1, 2, 3],           # repeat x3 of two
    [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3],
    [0, 0, 2, 3, 3, 3],                 # repeat, skip, repeat
    [3, 2, 1, 0],
]

SHAPE = dict(hidden_size=32, intermediate_size=48, num_hidden_layers=DEPTH, num_attention_heads=4,
             num_key_value_heads=2, vocab_size=VOCABULARY, max_position_embeddings=256, rms_norm_eps=1e-6,
             bos_token_id=1, eos_token_id=2)
DEFAULT_ROPE = {"rope_type": "default", "rope_theta": 1000000.0}
LLAMA3_ROPE = {"rope_type": "llama3", "rope_theta": 10000.0, "factor": 8.0, "low_freq_factor": 1.0,
               "high_freq_factor": 4.0, "original_max_position_embeddings": 48}
FAMILIES = {
    "LlamaForCausalLM": (LlamaConfig(**SHAPE, head_dim=16, tie_word_embeddings=True, rope_parameters=LLAMA3_ROPE),
                         torch.float16),
    "Qwen2ForCausalLM": (Qwen2Config(**SHAPE, tie_word_embeddings=False, rope_parameters=DEFAULT_ROPE),
                         torch.bfloat16),
    # head_dim apart from hidden_size / num_attention_heads
    "Qwen3ForCausalLM": (Qwen3Config(**SHAPE, head_dim=16, tie_word_embeddings=True, rope_parameters=DEFAULT_ROPE),
                         torch.float16),
    # layer 3 is dense by name
    "Qwen2MoeForCausalLM": (Qwen2MoeConfig(**SHAPE, tie_word_embeddings=False, rope_parameters=DEFAULT_ROPE,
                                           num_experts=8, num_experts_per_tok=3, moe_intermediate_size=16,
                                           shared_expert_intermediate_size=24, decoder_sparse_step=1,
                                           mlp_only_layers=[3]), torch.bfloat16),
    # The mixture's other switches: every second layer, shares that sum to 1, no bias, tied.
    "moe-alternate": (Qwen2MoeConfig(**SHAPE, tie_word_embeddings=True, rope_parameters=DEFAULT_ROPE, num_experts=5,
                                     num_experts_per_tok=2, moe_intermediate_size=20,
                                     shared_expert_intermediate_size=64, decoder_sparse_step=2, norm_topk_prob=True,
                                     qkv_bias=False), torch.bfloat16),
}
GGUFS = {"LlamaForCausalLM": ("llama", T.F16), "Qwen2ForCausalLM": ("qwen2", T.BF16),
         "Qwen3ForCausalLM": ("qwen3", T.F16)}


def load(folder):
    extra = {"experts_implementation": "eager"} if "moe" in folder.name.lower() else {}
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager",
                                                **extra).eval()


def write_checkpoint(name, seed):
    config, dtype = FAMILIES[name]
    torch.manual_seed(seed)
    folder = HERE / f"{name}.new"  # takes its name when it is whole
    shutil.rmtree(folder, ignore_errors=True)
    model = AutoModelForCausalLM.from_config(config).eval()
    randomize(model, config.tie_word_embeddings)
    model.to(dtype).save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    for file in folder.iterdir():
        file.chmod(0o644)
    return folder, load(folder)


class RouterGaps:
    """The smallest distance between a chosen expert's share and the next one's, over everything that runs."""

    def __init__(self, model):
        self.smallest = math.inf
        self.chosen = set()
        for layer in model.model.layers:
            if hasattr(layer.mlp, "gate") and hasattr(layer.mlp, "experts"):
                layer.mlp.gate.register_forward_hook(self.look)

    def look(self, router, _inputs, output):
        shares = output[0].float().softmax(-1).sort(-1, descending=True).values
        self.smallest = min(self.smallest, float((shares[:, router.top_k - 1] - shares[:, router.top_k]).min()))
        self.chosen.update(int(i) for i in output[2].flatten())


def stable_case(model, gaps, program, random, length):
    """A random prompt whose greedy path has no near tie, so that equal ids are a fair demand."""
    for _ in range(500):
        prompt = [int(t) for t in random.integers(0, VOCABULARY, length)]
        answer = [int(t) for t in random.integers(0, VOCABULARY, 1 + length % 4)]
        gaps.smallest = math.inf
        result = run_program(model, program, prompt, answer, NEW_TOKENS)
        if result["margin"] >= SMALLEST_MARGIN and gaps.smallest >= SMALLEST_GAP:
            assert result["ids"] == greedy_without_cache(model, program, prompt, NEW_TOKENS)
            return {"program": program, "prompt": prompt, "answer": answer, "ids": result["ids"],
                    "margin": number(result["margin"]), "answer_logprob": number(result["answer_logprob"]),
                    "logits_every_4": numbers(result["logits"][::4])}
    raise RuntimeError(f"no stable prompt for {program}")


def references(model, seed):
    random = np.random.default_rng(seed)
    standard = list(range(DEPTH))
    gaps = RouterGaps(model)
    cases = [stable_case(model, gaps, standard, random, length) for length in (1, 2, 3, 7, 20, 70, 170)]
    for n, program in enumerate(PROGRAMS):
        cases += [stable_case(model, gaps, program, random, length) for length in (4 + n % 3, 12 + n)]
    if "Moe" in type(model).__name__:
        assert gaps.chosen == set(range(model.config.num_experts)), gaps.chosen
    return cases


def unscaled(folder, prompt):
    """The llama3 checkpoint without its rotary scaling: how much the scaling moves the logits."""
    model = load(folder)
    with torch.no_grad():
        scaled = model(torch.tensor([prompt])).logits[0, -1]
        model.config.rope_parameters = {"rope_type": "default", "rope_theta": 10000.0}
        plain = type(model)(model.config).eval()
        plain.load_state_dict(model.state_dict())
        plain.tie_weights()
        return number((plain(torch.tensor([prompt])).logits[0, -1] - scaled).abs().max())


GGUF_NAMES = {"input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
              "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "self_attn.q_norm": "attn_q_norm",
              "self_attn.k_norm": "attn_k_norm", "post_attention_layernorm": "ffn_norm", "mlp.gate_proj": "ffn_gate",
              "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down"}
OUTSIDE = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight",
           "lm_head.weight": "output.weight"}


def gguf_name(name):
    if name in OUTSIDE:
        return OUTSIDE[name]
    _, _, layer, rest = name.split(".", 3)
    inner, kind = rest.rsplit(".", 1)
    return f"blk.{layer}.{GGUF_NAMES[inner]}.{kind}"


def llama3_divisors(config):
    """convert_hf_to_gguf.py, LlamaModel.generate_extra_tensors."""
    rope, size = config.rope_parameters, config.head_dim
    low = rope["original_max_position_embeddings"] / rope["low_freq_factor"]
    high = rope["original_max_position_embeddings"] / rope["high_freq_factor"]
    divisors = []
    for freq in 1.0 / (rope["rope_theta"] ** (torch.arange(0, size, 2, dtype=torch.float32) / size)):
        wave = 2 * math.pi / freq
        smooth = ((rope["original_max_position_embeddings"] / wave - rope["low_freq_factor"])
                  / (rope["high_freq_factor"] - rope["low_freq_factor"]))
        divisors.append(1 if wave < high else rope["factor"] if wave > low
                        else 1 / ((1 - smooth) / rope["factor"] + smooth))
    assert len(set(divisors)) > 2, divisors  # kept, slowed and between
    return np.array(divisors, np.float32)


def write_gguf(folder, architecture, kind):
    model = load(folder)
    config = model.config
    path = HERE / f"{architecture}.gguf"
    head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    if architecture != "qwen2":  # converters leave it out where it is width / heads
        writer.add_key_length(head)
        writer.add_value_length(head)
    if architecture == "llama":
        writer.add_rope_dimension_count(head)
    writer.add_vocab_size(config.vocab_size)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    if architecture == "llama":
        writer.add_tensor("rope_freqs.weight", llama3_divisors(config))
    for name, tensor in model.state_dict().items():
        if name == "lm_head.weight" and config.tie_word_embeddings:
            continue
        values = tensor.numpy()
        heads = {"q_proj": config.num_attention_heads, "k_proj": config.num_key_value_heads}.get(name.split(".")[-2])
        if heads and architecture == "llama":
            values = permute(values, heads)
        if values.ndim == 1:
            writer.add_tensor(gguf_name(name), values)
        else:
            packed = gguf.quants.quantize(np.ascontiguousarray(values), kind)
            assert np.array_equal(gguf.quants.dequantize(packed, kind), values)
            writer.add_tensor(gguf_name(name), packed, raw_dtype=kind)
    finish(writer)
    # The config is given, as HF does not read a GGUF's head width for Qwen3.
    theirs = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, config=config,
                                                  dtype=torch.float32).state_dict()
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, theirs[name]), (path.name, name)


def write_refused(kind, add):
    """A header alone; it is to be refused before any weight is looked at."""
    writer = gguf.GGUFWriter(HERE / f"refused-{kind}.gguf", "qwen2")
    writer.add_block_count(1)
    writer.add_context_length(64)
    writer.add_embedding_length(32)
    writer.add_feed_forward_length(48)
    writer.add_head_count(4)
    writer.add_layer_norm_rms_eps(1e-6)
    add(writer)
    finish(writer)


def write_embedding(qwen3):
    """As Qwen3-Embedding is published: a causal LM's config over a base model's tensors."""
    folder = HERE / "embedding"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copy(qwen3 / "config.json", folder)
    tensors = load_file(qwen3 / "model.safetensors")
    save_file({name.removeprefix("model."): tensor for name, tensor in tensors.items() if name != "lm_head.weight"},
              folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)
    assert json.loads((folder / "config.json").read_text())["architectures"] == ["Qwen3ForCausalLM"]
    model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    prompt = [int(t) for t in np.random.default_rng(77).integers(0, VOCABULARY, 23)]
    with torch.no_grad():
        pooled = model(torch.tensor([prompt])).last_hidden_state[0, -1]  # after the output norm
    (folder / "reference.json").write_text(json.dumps({"prompt": prompt, "normed": numbers(pooled)}) + "\n")


def main():
    torch.set_num_threads(1)
    HERE.mkdir(exist_ok=True)
    wanted = sys.argv[1:] or list(FAMILIES)
    if unknown := set(wanted) - set(FAMILIES):
        sys.exit(f"no entry of FAMILIES: {', '.join(sorted(unknown))}; there are {', '.join(FAMILIES)}")
    for seed, name in enumerate(FAMILIES):
        if name not in wanted:
            continue
        folder, model = write_checkpoint(name, 31 + seed)
        reference = {"versions": versions(), "new_tokens": NEW_TOKENS, "cases": references(model, 61 + seed)}
        if name == "LlamaForCausalLM":
            reference["scaling_moves"] = unscaled(folder, reference["cases"][6]["prompt"])
        text = json.dumps(reference, separators=(",", ":")).replace('{"program"', '\n{"program"')
        (folder / "reference.json").write_text(text + "\n")
        shutil.rmtree(HERE / name, ignore_errors=True)
        folder = folder.rename(HERE / name)
        if name in GGUFS:
            write_gguf(folder, *GGUFS[name])
    if sys.argv[1:]:
        return
    write_embedding(HERE / "Qwen3ForCausalLM")
    write_refused("scaling", lambda writer: writer.add_rope_scaling_type(gguf.RopeScalingType.YARN))
    write_refused("window", lambda writer: writer.add_sliding_window(16))
    write_refused("divisors", lambda writer: writer.add_tensor("rope_freqs.weight", np.ones(5, np.float32)))


if __name__ == "__main__":
    main()
