"""Writes tiny random Llama checkpoints and what HF transformers computes with them.

  python make_tiny_llama.py

tiny-llama-a/     tied embeddings, RoPE base 10 000, fp32, one file; config.json in the form of published checkpoints
tiny-llama-b/     untied, attention bias, RoPE base 500 000, bf16 in two shards; config.json as HF 5 writes it
tiny-*.gguf       variant a as convert_hf_to_gguf.py lays it out (q and k rows permuted), several types
blocks/*.gguf     a file for each block type, with its values by gguf.quants (tensors NAME and NAME.expected)
kinds.gguf        metadata of every kind
tiny_llama.json   logits, greedy ids, answer log-probabilities, hidden states; for GGUF those of the dequantised weights
"""

import copy
import json
import pathlib
import shutil

import gguf
import numpy as np
import torch
from gguf import GGMLQuantizationType as T
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

from program_reference import greedy_without_cache, number, numbers, program_model, run_program, versions

HERE = pathlib.Path(__file__).parent
NEW_TOKENS = 12
SMALLEST_MARGIN = 0.02  # of any greedy path kept: far above the 2e-4 allowed between two implementations
PROGRAMS = [  # depth 6; each with a prompt that goes with it
    [],                                                     # embedding straight to the output norm
    [3],
    [0, 1, 2, 4, 5],                                        # skip
    [0, 1, 4, 5],
    [0, 5],
    [0, 1, 2, 2, 3, 4, 5],                                  # repeat x2
    [0, 1, 2, 3, 1, 2, 3, 1, 2, 3, 4, 5],                   # repeat x3 of three
    [0, 1, 2, 3, 4, 5, 2, 3, 4, 5, 2, 3, 4, 5, 2, 3, 4, 5],  # repeat x4 of four
    [0, 0, 0, 0, 1, 2, 3, 4, 5],
    [0, 1, 0, 1, 2, 4, 5, 5],                               # repeat, skip, repeat
    [0, 1, 2, 3, 4, 2, 3, 1, 2, 5],                         # goes back further than a repeat: nested starts
    [5, 4, 3, 2, 1, 0],                                     # any order is a program
    [0, 1, 2, 3, 4, 5, 5, 5, 5],
]


def variant_config(name):
    if name == "a":
        return LlamaConfig(hidden_size=32, intermediate_size=64, num_hidden_layers=6, num_attention_heads=4,
                           num_key_value_heads=2, head_dim=16, vocab_size=320, max_position_embeddings=256,
                           rms_norm_eps=1e-5, tie_word_embeddings=True, bos_token_id=1, eos_token_id=2,
                           rope_parameters={"rope_type": "default", "rope_theta": 10000.0})
    return LlamaConfig(hidden_size=64, intermediate_size=68, num_hidden_layers=6, num_attention_heads=4,
                       num_key_value_heads=2, head_dim=16, vocab_size=288, max_position_embeddings=256,
                       rms_norm_eps=1e-6, tie_word_embeddings=False, attention_bias=True, bos_token_id=1,
                       eos_token_id=2,
                       rope_parameters={"rope_type": "default", "rope_theta": 500000.0})


def randomize(model, tied):
    """Weights wide enough that attention is not flat and a repeated layer changes the answer."""
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            if "norm" in key:
                parameter.uniform_(0.6, 1.4)
            elif key.endswith("bias"):
                parameter.normal_(0, 0.5)
            elif "embed_tokens" in key or "lm_head" in key:
                # Tied and large, the last token would answer with itself for ever.
                parameter.normal_(0, 0.3 if tied else 1.0)
            elif "q_proj" in key or "k_proj" in key or key.endswith("mlp.gate.weight"):
                parameter.normal_(0, 1.4 / parameter.shape[1] ** 0.5)
            else:
                parameter.normal_(0, 1.0 / parameter.shape[-1] ** 0.5)


def random_model(name):
    torch.manual_seed({"a": 11, "b": 12}[name])
    config = variant_config(name)
    model = LlamaForCausalLM(config).eval()
    randomize(model, config.tie_word_embeddings)
    return model


def write_checkpoint(name):
    folder = HERE / f"tiny-llama-{name}"
    shutil.rmtree(folder, ignore_errors=True)
    model = random_model(name)
    if name == "a":
        model.save_pretrained(folder)
        config = json.loads((folder / "config.json").read_text())
        rope = config.pop("rope_parameters")
        config.update(rope_theta=rope["rope_theta"], rope_scaling=None, torch_dtype=config.pop("dtype"))
        (folder / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    else:
        model.to(torch.bfloat16).save_pretrained(folder, max_shard_size="230KB")
        shards = sorted(p.name for p in folder.glob("*.safetensors"))
        assert len(shards) == 2, shards
    (folder / "generation_config.json").unlink(missing_ok=True)
    for file in folder.iterdir():
        file.chmod(0o644)
    loaded = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    assert loaded.config.rope_parameters["rope_theta"] == {"a": 10000.0, "b": 500000.0}[name]
    return loaded


def hidden_rows(model, prompt):
    """Last token's hidden state after the embedding and after each layer, before the output norm."""
    rows = [model.model.embed_tokens(torch.tensor([prompt]))[0, -1].detach()]
    keep = lambda _module, _in, out: rows.append((out[0] if isinstance(out, tuple) else out)[0, -1])
    hooks = [layer.register_forward_hook(keep) for layer in model.model.layers]
    with torch.no_grad():
        model(torch.tensor([prompt]), use_cache=False)
    for hook in hooks:
        hook.remove()
    return [numbers(row) for row in rows]


def stable_case(model, program, random, vocabulary, length):
    """A random prompt whose greedy path has no near tie, so that equal ids are a fair demand."""
    for _ in range(200):
        prompt = [int(t) for t in random.integers(0, vocabulary, length)]
        answer = [int(t) for t in random.integers(0, vocabulary, 1 + length % 4)]
        result = run_program(model, program, prompt, answer, NEW_TOKENS)
        if result["margin"] >= SMALLEST_MARGIN:
            assert result["ids"] == greedy_without_cache(model, program, prompt, NEW_TOKENS)
            return prompt, answer, result
    raise RuntimeError(f"no stable prompt for {program}")


def one_slot_differs(model, program, prompt, logits):
    """Whether giving all passes of a layer one cache slot (the known fault) would have shown."""
    from transformers import DynamicCache
    runner = program_model(model, program)
    for layer, index in zip(runner.model.layers, program):
        layer.self_attn.layer_idx = index
    runner.config._attn_implementation = "sdpa"  # makes no mask for one token: it sees all keys there are
    # Prompt token by token, as every pass would append after the others.
    cache = DynamicCache()
    with torch.no_grad():
        for position, token in enumerate(prompt):
            row = runner(torch.tensor([[token]]), past_key_values=cache, use_cache=True,
                         position_ids=torch.tensor([[position]])).logits[0, -1]
    return float((row - logits).abs().max())


def references(model, seed):
    random = np.random.default_rng(seed)
    vocabulary = model.config.vocab_size
    standard = list(range(model.config.num_hidden_layers))
    cases = []
    for length in (1, 2, 3, 7, 18, 40):
        prompt, answer, r = stable_case(model, standard, random, vocabulary, length)
        cases.append({"program": standard, "prompt": prompt, "answer": answer, "ids": r["ids"],
                      "margin": number(r["margin"]), "answer_logprob": number(r["answer_logprob"]), "logits": numbers(r["logits"])})
    for n, program in enumerate(PROGRAMS):
        for length in (5 + n % 3, 11 + n):
            prompt, answer, r = stable_case(model, program, random, vocabulary, length)
            case = {"program": program, "prompt": prompt, "answer": answer, "ids": r["ids"],
                      "margin": number(r["margin"]), "answer_logprob": number(r["answer_logprob"]), "logits_every_8": numbers(r["logits"][::8])}
            if len(set(program)) < len(program):
                case["one_slot_difference"] = number(one_slot_differs(model, program, prompt, r["logits"]))
            cases.append(case)
    prompt = cases[4]["prompt"]
    return {"cases": cases, "hidden_prompt": prompt, "hidden": hidden_rows(model, prompt)}


def permute(weights, heads):
    """convert_hf_to_gguf.py, LlamaModel.permute: rotary halves to interleaved pairs."""
    return (weights.reshape(heads, 2, weights.shape[0] // heads // 2, *weights.shape[1:]).swapaxes(1, 2)
            .reshape(weights.shape))


def unpermute(weights, heads):
    return (weights.reshape(heads, weights.shape[0] // heads // 2, 2, *weights.shape[1:]).swapaxes(1, 2)
            .reshape(weights.shape))


GGUF_NAMES = {"input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
              "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "post_attention_layernorm": "ffn_norm",
              "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down"}


def gguf_name(name):
    if name == "model.embed_tokens.weight":
        return "token_embd.weight"
    if name == "model.norm.weight":
        return "output_norm.weight"
    _, _, layer, rest = name.split(".", 3)
    return f"blk.{layer}.{GGUF_NAMES[rest.removesuffix('.weight')]}.weight"


def heads_of(name, config):
    return {"q_proj": config.num_attention_heads, "k_proj": config.num_key_value_heads}.get(name.split(".")[-2])


def finish(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_gguf(model, kind):
    """Variant a as a GGUF; returns the model that the file's weights make."""
    config = model.config
    path = HERE / f"tiny-{kind.name.lower()}.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(config.head_dim)
    writer.add_value_length(config.head_dim)
    writer.add_rope_dimension_count(config.head_dim)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(config.vocab_size)
    state = {}
    for name, tensor in model.state_dict().items():
        if name == "lm_head.weight":  # tied
            continue
        values, heads = tensor.numpy(), heads_of(name, config)
        if heads:
            values = permute(values, heads)
        if values.ndim == 1:
            writer.add_tensor(gguf_name(name), values)
        else:
            packed = gguf.quants.quantize(values, kind)
            writer.add_tensor(gguf_name(name), packed, raw_dtype=kind)
            values = gguf.quants.dequantize(packed, kind)
        state[name] = torch.from_numpy(np.ascontiguousarray(unpermute(values, heads) if heads else values)).float()
    finish(writer)
    quantised = copy.deepcopy(model)
    quantised.load_state_dict(state, strict=False)
    quantised.tie_weights()
    return path, quantised


def same_by_hf(path, model):
    """HF's own GGUF reader must find the same weights (its un-permute is not ours)."""
    theirs = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32).state_dict()
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, theirs[name]), (path.name, name)


def gguf_references(path, model, seed):
    random = np.random.default_rng(seed)
    standard = list(range(model.config.num_hidden_layers))
    cases = []
    for length, program in ((4, standard), (19, standard), (9, PROGRAMS[6])):
        prompt, answer, r = stable_case(model, program, random, model.config.vocab_size, length)
        cases.append({"program": program, "prompt": prompt, "answer": answer, "ids": r["ids"],
                      "margin": number(r["margin"]), "answer_logprob": number(r["answer_logprob"]), "logits_every_8": numbers(r["logits"][::8])})
    samples = {}  # under HF names, HF row order: 8 places of every fifth tensor and all of q, k of layer 0
    for n, (name, tensor) in enumerate(sorted(model.state_dict().items())):
        if name == "lm_head.weight" or (n % 5 and ".layers.0.self_attn." not in name):
            continue
        flat = tensor.flatten()
        places = [int(i) for i in random.choice(flat.numel(), min(8, flat.numel()), replace=False)]
        samples[name] = {"places": places, "values": [float(flat[i]) for i in places]}
    return {"file": path.name, "cases": cases, "samples": samples}


def write_kinds():
    writer = gguf.GGUFWriter(HERE / "kinds.gguf", "kinds")
    writer.add_uint8("kind.u8", 200)
    writer.add_int8("kind.i8", -100)
    writer.add_uint16("kind.u16", 60000)
    writer.add_int16("kind.i16", -30000)
    writer.add_uint32("kind.u32", 4000000000)
    writer.add_int32("kind.i32", -2000000000)
    writer.add_uint64("kind.u64", 2**40 + 1)
    writer.add_int64("kind.i64", -(2**40) - 1)
    writer.add_float32("kind.f32", 0.5)
    writer.add_float64("kind.f64", 0.1)
    writer.add_bool("kind.bool", True)
    writer.add_string("kind.string", "größe")
    writer.add_array("kind.strings", ["a", "", "ccc"])
    writer.add_array("kind.integers", [3, -4, 5])
    writer.add_array("kind.floats", [0.25, -2.0])
    writer.add_tensor("cube", np.arange(24, dtype=np.float32).reshape(2, 3, 4))
    finish(writer)


def write_blocks():
    """Random bytes in every type (scales kept finite), and their values as gguf.quants reads them."""
    random = np.random.default_rng(5)
    folder = HERE / "blocks"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()

    def write(name, values, expected, kind=None):
        writer = gguf.GGUFWriter(folder / f"{name}.gguf", "blocks")
        writer.add_tensor(name, values, raw_dtype=kind)
        writer.add_tensor(name + ".expected", expected)
        finish(writer)

    # Where a block keeps its half-precision scales. Q2_K is there to be refused.
    half_scales = {T.Q8_0: [0], T.Q4_0: [0], T.Q4_1: [0, 2], T.Q5_0: [0], T.Q5_1: [0, 2], T.Q4_K: [0, 2],
                   T.Q5_K: [0, 2], T.Q6_K: [208], T.Q2_K: [80, 82]}
    for kind, places in half_scales.items():
        values, size = gguf.GGML_QUANT_SIZES[kind]
        rows, blocks = 3, 512 // values
        raw = random.integers(0, 256, (rows, blocks, size), dtype=np.uint8)
        for place in places:
            scale = random.normal(0, 0.05, (rows, blocks, 1)).astype(np.float16)
            raw[:, :, place:place + 2] = scale.view(np.uint8)
        raw[0, 0, places[0]:places[0] + 2] = np.array([6e-8], np.float16).view(np.uint8)  # a subnormal scale
        raw = raw.reshape(rows, blocks * size)
        write(kind.name, raw, gguf.quants.dequantize(raw, kind).astype(np.float32), kind)
    special = np.tile(np.array([0.0, -0.0, 1.0, -2.5, 65504.0, 6e-8, -6.1e-5, np.inf], np.float16), (2, 1))
    write("F16", special, special.astype(np.float32))
    bits = random.integers(0, 0x7f80, (2, 8)).astype(np.uint16) | np.array([[0], [0x8000]], np.uint16)
    write("BF16", bits.view(np.uint8), (bits.astype(np.uint32) << 16).view(np.float32), T.BF16)
    wide = np.array([[1.5, -1e-42, 3e38, 0.1]], np.float32)
    write("F32", wide, wide)


def main():
    torch.set_num_threads(1)
    fixture = {"versions": versions(), "new_tokens": NEW_TOKENS, "smallest_margin": SMALLEST_MARGIN}
    for seed, name in ((1, "a"), (2, "b")):
        model = write_checkpoint(name)
        fixture[name] = references(model, seed)
        if name == "a":
            ours = model
    fixture["gguf"] = []
    for seed, kind in enumerate((T.F16, T.Q8_0, T.Q4_0, T.Q4_1)):
        path, quantised = write_gguf(ours, kind)
        same_by_hf(path, quantised)
        fixture["gguf"].append(gguf_references(path, quantised, 100 + seed))
    write_kinds()
    write_blocks()
    text = json.dumps(fixture, separators=(",", ":")).replace('{"program"', '\n{"program"')
    (HERE / "tiny_llama.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
