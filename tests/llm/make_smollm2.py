"""Writes smollm2.json: SmolLM2-135M-Instruct run by HF transformers, standard and other programs.

  python make_smollm2.py SmolLM2-135M-Instruct.Q4_1.gguf gsm8k/test.jsonl

The fixture holds outputs and digests of prompts, not the data set's questions nor their ids. 50 questions under the
standard program, 20 of them under 5 programs each, and 8 prompts of our own with their ids. fp32, one thread; about ten
minutes.
"""

import argparse
import hashlib
import json
import pathlib
import struct

import torch
from gguf import GGUFReader
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoModelForCausalLM

from program_reference import number, numbers, run_program, versions

HEAD = "Question: A box holds 6 pens. How many pens are in 4 boxes?\nAnswer: \\boxed{24}\n\n"
BODY = "Question: {question}\nAnswer: \\boxed{"
NEW_TOKENS = 16
LOGIT_IDS = [0, 1, 2, 28, 32, 33, 34, 35, 36, 37, 38, 198, 1000, 9999, 30000, 49151]
OWN_PROMPTS = [  # text, answer tokens' text
    ("The capital of France is", " Paris"),
    (HEAD + BODY.replace("{question}", "Mara has 3 apples and buys 5 more. How many apples does she have?"), "8}"),
    (HEAD + BODY.replace("{question}", "A tram carries 48 people and 19 get off. How many are left?"), "29}"),
    ("Once upon a time, a small robot", " lived in a quiet town"),
    ("def add(a, b):\n    return", " a + b"),
    ("<|im_start|>user\nName a colour of the rainbow.<|im_end|>\n<|im_start|>assistant\n", "Red"),
    ("1, 2, 3, 4, 5, 6,", " 7, 8"),
    ("W", "ith"),
]


def tokenizer_of(reader):
    """The published SmolLM2 tokenizer.json's pipeline (digits one by one, GPT-2's split) on the GGUF's vocabulary."""
    tokens = reader.fields["tokenizer.ggml.tokens"].contents()
    merges = [tuple(m.split(" ")) for m in reader.fields["tokenizer.ggml.merges"].contents()]
    types = reader.fields["tokenizer.ggml.token_type"].contents()
    tokenizer = Tokenizer(models.BPE(vocab={t: i for i, t in enumerate(tokens)}, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([t for t, kind in zip(tokens, types) if kind == 3])
    return tokenizer


def digest(ids):
    return hashlib.sha256(struct.pack(f"<{len(ids)}i", *ids)).hexdigest()


def programs_for(number_of_example):
    """Five programs that move over the depth with the example: skip, repeat, skip and repeat, late and wide ones."""
    s = list(range(30))
    n = number_of_example
    a, b, c = 1 + n, 29 - n, 1 + (7 * n) % 24
    repeat = lambda p, i, length, times: p[:i] + p[i:i + length] * times + p[i + length:]
    skip = lambda p, i, length: p[:i] + p[i + length:]
    return [
        skip(s, a, 1 + n % 2),
        repeat(s, b - (n % 3), 1 + n % 3, 2),
        repeat(s, c, 1 + n % 4, 3),
        repeat(skip(s, 22 + n % 5, 1), 4 + n % 12, 2, 2),
        repeat(skip(s, 12 + n % 8, 2), 2 + n % 6, 1 + n % 3, 4),
    ]


def evaluate(model, program, prompt, answer, eos):
    r = run_program(model, program, prompt, answer, NEW_TOKENS, eos)
    return {"ids": r["ids"], "finished": r["finished"], "margin": number(r["margin"]),
            "answer_logprob": number(r["answer_logprob"]), "logits": numbers(r["logits"][LOGIT_IDS])}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("questions", type=pathlib.Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    reader = GGUFReader(arguments.model)
    tokenizer = tokenizer_of(reader)
    eos = [int(reader.fields["tokenizer.ggml.eos_token_id"].contents())]
    model = AutoModelForCausalLM.from_pretrained(arguments.model.parent, gguf_file=arguments.model.name,
                                                 dtype=torch.float32, attn_implementation="eager").eval()
    theta = model.config.rope_parameters["rope_theta"]
    assert theta == float(reader.fields["llama.rope.freq_base"].contents()), theta
    assert abs(model.config.rms_norm_eps - reader.fields["llama.attention.layer_norm_rms_epsilon"].contents()) < 1e-9
    standard = list(range(model.config.num_hidden_layers))
    encode = lambda text: tokenizer.encode(text, add_special_tokens=False).ids

    fixture = {"versions": versions(), "head": HEAD, "body": BODY, "new_tokens": NEW_TOKENS, "end_of_sequence": eos,
               "model_sha256": hashlib.sha256(arguments.model.read_bytes()).hexdigest(), "logit_ids": LOGIT_IDS,
               "own": [], "gsm8k": []}
    for n, (text, answer) in enumerate(OWN_PROMPTS):
        prompt, reference = encode(text), encode(answer)
        entry = {"text": text, "prompt": prompt, "answer": answer, "answer_ids": reference,
                 "standard": evaluate(model, standard, prompt, reference, eos), "programs": []}
        for program in programs_for(n)[n % 5:n % 5 + 1]:
            entry["programs"].append({"layers": program, **evaluate(model, program, prompt, reference, eos)})
        fixture["own"].append(entry)
        print(n, repr(tokenizer.decode(entry["standard"]["ids"])), entry["standard"]["margin"], flush=True)

    with open(arguments.questions, encoding="utf-8") as lines:
        for n, line in zip(range(50), lines):
            example = json.loads(line)
            prompt = encode(HEAD + BODY.replace("{question}", example["question"]))
            reference = encode(example["answer"] + "}")
            entry = {"id": example["id"], "prompt_tokens": len(prompt), "prompt_sha256": digest(prompt),
                     "answer_sha256": digest(reference),
                     "standard": evaluate(model, standard, prompt, reference, eos), "programs": []}
            for program in programs_for(n) if n < 20 else []:
                entry["programs"].append({"layers": program, **evaluate(model, program, prompt, reference, eos)})
            fixture["gsm8k"].append(entry)
            print(example["id"], len(prompt), repr(tokenizer.decode(entry["standard"]["ids"])), flush=True)

    out = pathlib.Path(__file__).with_name("smollm2.json")
    text = json.dumps(fixture, separators=(",", ":"))
    out.write_text(text.replace('{"id":', '\n{"id":').replace('{"text":', '\n{"text":') + "\n")


if __name__ == "__main__":
    main()
