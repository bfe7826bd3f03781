#!/usr/bin/env python3
r"""Trains the embedded tokenizer and model on problems of generate.py (none of them in the committed files).

    python train_model.py --tokenizer            learns model/tokenizer.json
    python train_model.py                        trains the model and writes model/
    python train_model.py --start-from model     goes on from trained weights, all levels alike from the first batch
    python train_model.py --shorter 0.67         in two of three batches the network is a shorter one, see below

Every training sequence is `Question: {question}\nAnswer: \boxed{42}<|endoftext|>`: the model never sees
a program, a skipped or a repeated layer. A second head, which is not kept, says after layer 8, at the end of
each sentence, what its people have now: five times as many numbers to learn from in the same tokens. One
thread, bf16 autocast over fp32 weights, Muon for the matrices of the layers and AdamW for the rest.

--shorter P: stochastic depth, for a model with layers to spare. A share P of the batches, drawn anew for each, goes
through part of the layers: half of these batches leave out 1 to 4 of the layers 2 to 10 (LayerDrop, Fan et al., 2020),
half end after 6 to 11 layers, with the same norm and output (LayerSkip, Elhoushi et al., 2024).
"""
import argparse
import json
import random
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

import generate

HERE = Path(__file__).resolve().parent
END = "<|endoftext|>"
LARGEST = generate.SEEN_RANGE.limit
VOCABULARY = 604  # all 256 bytes, the end token and every word of generate.py


def prompt(record):
    return f"Question: {record['question']}\nAnswer: \\boxed{{"


def learn_tokenizer(folder, exclude):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)])
    tokenizer.decoder = decoders.ByteLevel()
    stream = generate.stream("tokenizer", exclude)
    problems = [next(stream) for _ in range(20000)]
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, min_frequency=2, special_tokens=[END], show_progress=False,
                                  initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.train_from_iterator((prompt(p) + p["answer"] + "}" for p in problems), trainer)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": END, "eos_token": END, "pad_token": END,
              "add_bos_token": False, "add_eos_token": False, "clean_up_tokenization_spaces": False,
              "model_max_length": 1024}
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")


def new_model():
    return LlamaForCausalLM(LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=128, intermediate_size=320, num_hidden_layers=12, num_attention_heads=4,
        num_key_value_heads=2, head_dim=32, max_position_embeddings=1024, rms_norm_eps=1e-5, initializer_range=0.04,
        tie_word_embeddings=True, bos_token_id=0, eos_token_id=0, pad_token_id=0, attn_implementation="sdpa"))


class Batches:
    """Problems from one seed, sorted by length within a block, cut into batches of about `size` tokens."""

    def __init__(self, tokenizer, exclude, seed, size, short_first=True):
        self.tokenizer, self.exclude, self.size, self.short_first = tokenizer, exclude, size, short_first
        self.rng = random.Random(f"embedded/model/{seed}")

    def block(self, progress):
        # Short problems first: they carry more answers per token. For the second half of the training, all levels alike.
        mix = min(1.0, 2 * progress) if self.short_first else 1.0
        weights = [early + (1 - early) * mix for early in (3.0, 2.0, 1.0, 0.5, 0.25)]
        rows = []
        while len(rows) < 2048:
            made = generate.make_with_amounts(self.rng, self.rng.choices((1, 2, 3, 4, 5), weights)[0])
            if generate.digest(made[0]["question"]) not in self.exclude:
                rows.append(self.row(*made))
        rows.sort(key=lambda row: len(row[0]) + len(row[1]))
        batches, batch = [], []
        for row in rows:
            batch.append(row)
            if sum(len(row[0]) + len(row[1]) for row in batch) >= self.size:
                batches.append(batch)
                batch = []
        self.rng.shuffle(batches)
        for batch in batches:
            width = max(len(head) + len(tail) for head, tail, _ in batch)
            ids = torch.zeros(len(batch), width, dtype=torch.long)
            kind = torch.zeros(len(batch), width, dtype=torch.long)  # 0 padding, 1 question, 2 answer
            amounts = torch.full((len(batch), width, 2), -100)
            for i, (head, tail, left) in enumerate(batch):
                ids[i, :len(head) + len(tail)] = torch.tensor(head + tail)
                kind[i, :len(head)] = 1
                kind[i, len(head):len(head) + len(tail)] = 2
                for token, which, amount in left:
                    amounts[i, token, which] = amount
            yield ids, kind, amounts

    def row(self, problem, sentences, amounts):
        """(ids of the prompt, ids of the answer, [(last token of a sentence, first or second person, amount)])"""
        head = self.tokenizer(prompt(problem), return_offsets_mapping=True)
        last = {end: token for token, (_, end) in enumerate(head.offset_mapping)}
        ends, at = [], len("Question:")
        for sentence in sentences:
            at += 1 + len(sentence)
            ends.append(last[at])
        left = [(ends[s], sum(s == t for t, _ in amounts[:i]), amount) for i, (s, amount) in enumerate(amounts)]
        return head.input_ids, self.tokenizer(problem["answer"] + "}" + END).input_ids, left


def drawn_layers(rng, depth, shorter):
    """The layers that a batch goes through, in order."""
    layers = list(range(depth))
    if rng.random() >= shorter:
        return layers
    if rng.random() < 0.5:
        out = rng.sample(range(2, depth - 1), rng.randint(1, 4))
        return [layer for layer in layers if layer not in out]
    return layers[:rng.randint(depth // 2, depth - 1)]


class Muon:
    """Momentum, orthogonalised by five Newton-Schulz steps; matrices of one shape go through it together."""

    def __init__(self, parameters, momentum=0.95, decay=0.01):
        self.momentum, self.decay = momentum, decay
        self.groups = {}
        for p in parameters:
            self.groups.setdefault(tuple(p.shape), []).append(p)
        self.buffers = {shape: torch.zeros(len(ps), *shape) for shape, ps in self.groups.items()}

    @torch.no_grad()
    def step(self, rate):
        for shape, group in self.groups.items():
            taken = [i for i, p in enumerate(group) if p.grad is not None]  # layers left out stay as they are
            parameters = [group[i] for i in taken]
            gradient = torch.stack([p.grad for p in parameters])
            buffer = self.buffers[shape][taken].lerp(gradient, 1 - self.momentum)
            self.buffers[shape][taken] = buffer
            x = gradient.lerp(buffer, self.momentum).bfloat16()
            if shape[0] > shape[1]:
                x = x.mT
            x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
            for _ in range(5):
                a = x @ x.mT
                x = 3.4445 * x + (-4.7750 * a + 2.0315 * (a @ a)) @ x
            if shape[0] > shape[1]:
                x = x.mT
            scale = 0.2 * max(shape) ** 0.5
            for p, update in zip(parameters, x.float()):
                p.mul_(1 - rate * self.decay).add_(update, alpha=-rate * scale)
                p.grad = None


def save(model, folder):
    state = {k: v.detach().clone() for k, v in model.state_dict().items()}
    stored = new_model().to(torch.bfloat16)
    stored.load_state_dict(state)
    stored.generation_config.do_sample = False
    stored.save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=HERE / "model")
    parser.add_argument("--tokenizer", action="store_true", help="learn the tokenizer only")
    parser.add_argument("--start-from", type=Path, help="folder of the weights to go on from; give another --seed too")
    parser.add_argument("--tokens", type=float, default=10.6e6, help="training tokens, padding not counted")
    parser.add_argument("--minutes", type=float, default=1e9, help="shortens the schedule to this wall-clock time")
    parser.add_argument("--batch", type=int, default=4096, help="tokens in a batch")
    parser.add_argument("--rate", type=float, default=4e-3)
    parser.add_argument("--question-weight", type=float, default=0.1)
    parser.add_argument("--amount-weight", type=float, default=1.0)
    parser.add_argument("--amounts-layer", type=int, default=8,
                        help="after which the second head reads: early enough for later layers to use what was found")
    parser.add_argument("--shorter", type=float, default=0, help="share of batches that run a part of the layers")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    args.out.mkdir(parents=True, exist_ok=True)
    _, exclude = generate.splits()
    if args.tokenizer:
        learn_tokenizer(args.out, exclude)
        return
    tokenizer = AutoTokenizer.from_pretrained(HERE / "model")
    model = new_model()
    if args.start_from:
        model.load_state_dict(LlamaForCausalLM.from_pretrained(args.start_from, dtype=torch.float32).state_dict())
    print(f"{sum(p.numel() for p in model.parameters())} parameters", flush=True)
    matrices = [p for name, p in model.named_parameters() if p.dim() == 2 and "layers" in name]
    others = [p for name, p in model.named_parameters() if p.dim() < 2 or "layers" not in name]
    amounts_head = torch.nn.Linear(model.config.hidden_size, 2 * (LARGEST + 1))
    others += list(amounts_head.parameters())
    every_layer, depths = list(model.model.layers), random.Random(f"embedded/depth/{args.seed}")
    muon, adam = Muon(matrices), torch.optim.AdamW(others, lr=0, betas=(0.9, 0.98), weight_decay=0.0)
    batches = Batches(tokenizer, exclude, args.seed, args.batch, short_first=not args.start_from)
    start, tokens, steps, mean, progress = time.time(), 0, 0, None, 0.0
    shown = start
    while progress < 1:
        for ids, kind, amounts in batches.block(progress):
            progress = max(tokens / args.tokens, (time.time() - start) / 60 / args.minutes)
            if progress >= 1:
                break
            # Warm-up over 100 batches, constant, linear fall to zero over the last half.
            rate = args.rate * min(1, (steps + 1) / 100, 2 * (1 - progress))
            drawn = drawn_layers(depths, len(every_layer), args.shorter)
            model.model.layers = torch.nn.ModuleList(every_layer[layer] for layer in drawn)
            amounts_after = sum(layer < args.amounts_layer for layer in drawn)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                out = model.model(input_ids=ids, use_cache=False, output_hidden_states=True)
                logits = model.lm_head(out.last_hidden_state)
                said = amounts_head(model.model.norm(out.hidden_states[amounts_after])).unflatten(-1, (2, LARGEST + 1))
            losses = F.cross_entropy(logits[:, :-1].flatten(0, 1).float(), ids[:, 1:].flatten(), reduction="none")
            question, answer = ((kind[:, 1:] == k).flatten().float() for k in (1, 2))
            on_question = (losses * question).sum() / question.sum()
            on_answer = (losses * answer).sum() / answer.sum()
            on_amounts = F.cross_entropy(said.flatten(0, 2).float(), amounts.flatten())
            (on_answer + args.amount_weight * on_amounts + args.question_weight * on_question).backward()
            muon.step(rate)
            for group in adam.param_groups:
                group["lr"] = rate
            adam.step()
            adam.zero_grad(set_to_none=True)
            tokens += int((kind > 0).sum())
            steps += 1
            now = torch.stack([on_question, on_answer, on_amounts]).detach()
            mean = now if mean is None else mean.lerp(now, 0.02)
            if time.time() - shown > 30:
                shown = time.time()
                print(f"{(shown - start) / 60:5.1f} min  {tokens / 1e6:6.2f} M tokens  {tokens / (shown - start):5.0f} tokens/s  "
                      f"step {steps}  question {mean[0]:.3f}  answer {mean[1]:.3f}  amounts {mean[2]:.3f}", flush=True)
                model.model.layers = torch.nn.ModuleList(every_layer)
                save(model, args.out)
    model.model.layers = torch.nn.ModuleList(every_layer)
    save(model, args.out)
    print(f"done: {tokens} tokens, {steps} batches, {(time.time() - start) / 60:.1f} minutes, answer loss {mean[1]:.3f}")


if __name__ == "__main__":
    main()
