#!/usr/bin/env python3
"""Records what HF tokenizers makes of awkward texts, for tests/text.

    python3 tests/text/make_fixtures.py [SmolLM2-135M-Instruct.Q4_1.gguf]

Needs tokenizers, gguf and jinja2. Without the GGUF (src/setup/fetch_model.sh smollm2) fixtures/smollm2.json stays as it
is. Tiny tokenizers for the other splits are trained here on the text below; their folders are fixtures too.
"""
import json
import pathlib
import random
import sys

import gguf
import jinja2
import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

HERE = pathlib.Path(__file__).resolve().parent
OUT = HERE / "fixtures"
EMBEDDED = HERE.parents[1] / "datasets/embedded/model/tokenizer.json"

LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
          r"|\s+(?!\S)|\s+")
QWEN2 = LLAMA3.replace("{1,3}", "")

CASES = [
    "no worry", "", " ", "  ", "\n", "\r\n", "a", " a", "a ", "  a", "   a  b   ", "\ta\t",
    "a\n\n\nb", "a \n b", "a\r\n\r\n  b",
    "trailing newlines\n\n", "  \n  \n", "x\u00a0y", "\u3000full\u3000width", "\u0085next\u2028line\u2029",
    "\x1c\x1f", "0", "7", "42", "1234567", " 1234567", "1,234.50", "3.14159", "a  5", "a5b66c777", "5  ", "-12",
    "$12", "50%", "\u0663\u0664\u0665", "\u00bd \u00b2 \u2167", "\uabf3\uabf4", "\u4e94 5", "\U0001d7d8\U0001d7d9",
    "\U00011de0\U00011de1", "I'm, you're, we've, he'll, she'd, it's, don't", "I'M YOU'RE WE'VE IT'S", "it'\u017f",
    "'s 't 'x ''ll '", "'1", "l'eau", "CamelCaseWords and snake_case_words", "MIXED case", "a.b,c;d:e!f?g",
    "...---...", "#hash @at &and *star*", "\\frac{1}{2}", "$x^2 + y^{10} = \\sqrt{3}$", "\\boxed{42}",
    "\\boxed{\\frac{3}{4}}", "\\left(\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}\\right)",
    "Question: How many?\nAnswer: \\boxed{", "### Problem Start\n1+1\n### Problem End\n\nAnswer: \\boxed{",
    "na\u00efve caf\u00e9 \u00fcber stra\u00dfe", "cafe\u0301 n\u0303o A\u030a", "\u0301leading mark",
    "a\u0327\u0301 a\u0301\u0327", "\u1112\u1161\u11ab\u1100\u1173\u11af \ud55c\uae00", "\u212b \u2126 \ufb01",
    "\u0958 \u0928\u093c", "\u0e20\u0e32\u0e29\u0e32\u0e44\u0e17\u0e22",
    "\u4e2d\u6587\u5b57\u7b26\uff0c\u6d4b\u8bd5\u3002", "\u65e5\u672c\u8a9e\u306e\u30c6\u30b9\u30c8",
    "\u0420\u0443\u0441\u0441\u043a\u0438\u0439 \u0442\u0435\u043a\u0441\u0442",
    "\u0627\u0644\u0639\u0631\u0628\u064a\u0629", "\u05e2\u05d1\u05e8\u05d9\u05ea", "\U0001f600", "a\U0001f600b",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467", "\U0001f44d\U0001f3fd \U0001f1e9\U0001f1ea", "\u2764\ufe0f", "\x00",
    "a\x00b", "\x7f", "\u0080\u009f", "\ufeffbom", "\ufffd\ufffe\uffff", "\u200b\u200d\u2060",
    "\ue000\U000f0000\U0010ffff", "<|endoftext|>", "a<|endoftext|>b", "<|endoftext|><|endoftext|>", " <|endoftext|> ",
    "<|endoftext", "<|<|endoftext|>|>", "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n", "<|im_end|",
    "<think>so</think>", "  pad  pads  ", "CAF\u00c9 CAFE\u0301",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "=" * 40, " " * 40, "ab" * 30, "\n" * 20,
    "\u00e9" * 20,
]

TEXT = """A shelf has 6 rows of 4 jars. Five of the jars are empty. How many jars are not empty?
If $3x - 7 = 20$, what is the value of $x^2$? It's 81; they're right, we'll see, don't worry, I'm sure, you've 100.
A fair coin is tossed 3 times. What is the probability of three heads? The answer is \\boxed{\\frac{1}{8}}.
Question: Lena has 12 pears and 345 apples. She gives away 7890 of them in the caf\u00e9, the CAF\u00c9.\n\n
Answer: \\boxed{\\frac{3}{4}}  end    end\r\n
"""


def fuzzed(count, seed):
    rng = random.Random(seed)
    pieces = [case for case in CASES if 0 < len(case) < 12]
    for _ in range(count):
        parts = []
        for _ in range(rng.randint(1, 8)):
            kind = rng.random()
            code = rng.choice([rng.randint(0x20, 0x7E), rng.randint(0, 0x2FFF), rng.randint(0xE000, 0x1FFFF)])
            parts.append(rng.choice(pieces) if kind < 0.6 else chr(code))
        yield "".join(parts)


def record(name, tokenizer, fuzz, **extra):
    texts = CASES + list(fuzzed(fuzz, 7))
    rows = []
    for text in texts:
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        row = {"text": text, "ids": ids}
        decoded = tokenizer.decode(ids, skip_special_tokens=True)
        if decoded != text:
            row["decoded"] = decoded
        rows.append(row)
    content = {"tokenizers": tokenizers.__version__, **extra}
    lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
    head = json.dumps(content, ensure_ascii=True)[:-1]
    (OUT / f"{name}.json").write_text(f'{head}, "cases": [\n{lines}\n]}}\n')


def byte_level(use_regex):
    return pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=use_regex)


def tiny(name, pre_tokenizer, normalizer=None, ignore_merges=False, begin=False, end=False, added=(),
         string_merges=False):
    """Trains a vocabulary of 330 tokens, writes its folder and returns the tokenizer read back from it."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    if normalizer:
        tokenizer.normalizer = normalizer
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    trainer = trainers.BpeTrainer(vocab_size=330, special_tokens=special, show_progress=False,
                                  initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.train_from_iterator([TEXT], trainer)
    tokenizer.add_tokens(list(added))
    if begin:
        tokenizer.post_processor = processors.Sequence([
            processors.ByteLevel(trim_offsets=False),
            processors.TemplateProcessing(single="<|endoftext|> $A", pair="<|endoftext|> $A <|endoftext|> $B",
                                          special_tokens=[("<|endoftext|>", 0)])])
    if end:  # as Qwen3-Embedding's
        tokenizer.post_processor = processors.Sequence([
            processors.ByteLevel(trim_offsets=False),
            processors.TemplateProcessing(single="$A <|endoftext|>", pair="$A <|endoftext|> $B <|endoftext|>",
                                          special_tokens=[("<|endoftext|>", 0)])])
    content = json.loads(tokenizer.to_str())
    content["model"]["ignore_merges"] = ignore_merges
    if ignore_merges:  # a word that no merge makes, so that the flag shows
        content["model"]["vocab"]["\u0120worry"] = len(content["model"]["vocab"]) + len(added)
    if string_merges:
        content["model"]["merges"] = ["#version: 0.2"] + [" ".join(pair) for pair in content["model"]["merges"]]
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_text(json.dumps(content, separators=(",", ":")))
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    if end:
        rows = [{"text": text, "ids": tokenizer.encode(text).ids} for text in ("Two and three?", "a<|endoftext|>", "")]
        (OUT / f"{name}.json").write_text(json.dumps({"tokenizers": tokenizers.__version__, "whole": rows}) + "\n")
    else:
        record(name, tokenizer, 40)
    return tokenizer


def write_gguf(name, tokenizer, pre, **keys):
    vocabulary = sorted(tokenizer.get_vocab(with_added_tokens=True).items(), key=lambda item: item[1])
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    special = {token.content for token in tokenizer.get_added_tokens_decoder().values() if token.special}
    plain = {token.content for token in tokenizer.get_added_tokens_decoder().values() if not token.special}
    writer = gguf.GGUFWriter(str(OUT / name), "llama")
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre)
    writer.add_token_list([token for token, _ in vocabulary])
    writer.add_token_types([3 if token in special else 4 if token in plain else 1 for token, _ in vocabulary])
    writer.add_token_merges([" ".join(pair) if isinstance(pair, list) else pair for pair in merges])
    for key, value in keys.items():
        getattr(writer, key)(value)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def smollm2(path):
    fields = gguf.GGUFReader(path).fields
    tokens = fields["tokenizer.ggml.tokens"].contents()
    merges = [tuple(merge.split(" ")) for merge in fields["tokenizer.ggml.merges"].contents()]
    types = fields["tokenizer.ggml.token_type"].contents()
    tokenizer = Tokenizer(models.BPE({token: i for i, token in enumerate(tokens)}, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), byte_level(True)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(t, normalized=False) for t, kind in zip(tokens, types) if kind == 3])
    template = jinja2.Environment().from_string(fields["tokenizer.chat_template"].contents())
    chat = template.render(messages=[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "1+1?"}],
                           add_generation_prompt=True)
    record("smollm2", tokenizer, 150, chat=chat)


def main():
    OUT.mkdir(exist_ok=True)
    record("embedded", Tokenizer.from_file(str(EMBEDDED)), 150)
    tiny("tiny-gpt2", byte_level(True), string_merges=True)
    llama3 = tiny("tiny-llama3", pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(LLAMA3), "isolated"),
                                                          byte_level(False)]), ignore_merges=True, begin=True)
    qwen2 = tiny("tiny-qwen2", pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(QWEN2), "isolated"),
                                                        byte_level(False)]), normalizer=normalizers.NFC(),
                 added=[AddedToken("<think>", normalized=False), AddedToken("</think>", normalized=False),
                        AddedToken("CAF\u00c9", normalized=True), AddedToken("pad", lstrip=True, normalized=False),
                        AddedToken("pads", rstrip=True, normalized=False)])
    write_gguf("tiny-llama3.gguf", llama3, "llama-bpe", add_bos_token_id=0, add_eos_token_id=2, add_eot_token_id=1)
    write_gguf("tiny-qwen2.gguf", qwen2, "qwen2", add_bos_token_id=1, add_eos_token_id=2, add_add_bos_token=True,
               add_chat_template="{{ messages }}")
    write_gguf("tiny-llama3-nobos.gguf", llama3, "llama-bpe", add_bos_token_id=0, add_eos_token_id=2,
               add_add_bos_token=False)
    embedding = tiny("tiny-embedding", pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(QWEN2), "isolated"),
                                                                byte_level(False)]), normalizer=normalizers.NFC(),
                     end=True)
    write_gguf("tiny-embedding.gguf", embedding, "qwen2", add_bos_token_id=1, add_eos_token_id=0,
               add_add_bos_token=False, add_add_eos_token=True)
    if len(sys.argv) > 1:
        smollm2(sys.argv[1])


if __name__ == "__main__":
    main()
