#!/usr/bin/env python3
"""Published tokenizers (src/setup/fetch_tokenizers.sh) as HF tokenizers runs them, for real_tokenizers_test.cpp.

    real_tokenizers.py fixture CACHE/tokenizers     writes fixtures/real_tokenizers.json
    real_tokenizers.py hash FOLDER < texts.jsonl    a digest of the ids of each line (a JSON string)

The fixture holds, for each tokenizer, digests over the ids of 20,000 texts, a hundred at a time. The texts are made
by the same rule here and in the test: SplitMix64, seeded by the text's number.
"""
import hashlib
import json
import pathlib
import struct
import sys

import tokenizers
from tokenizers import Tokenizer

HERE = pathlib.Path(__file__).resolve().parent
NAMES = ["qwen1.5", "qwen2.5", "qwen3", "llama3.1"]
TEXTS, BLOCK = 20_000, 100

PIECES = [
    " ", "  ", "\n", "\r\n", "\t", "\n\n  ", "'s", "'LL", "'re", "it's", "\\frac{1}{2}", "\\boxed{", "$x^2$",
    "1234567", "3.14", " 42", "½", "²", "٣٤", "é", "e\u0301", "ﬁ", "Å", "Ω", "ſ", "'ſ", "ß", "İ", "ǆ", "中文", "，", "。",
    "日本語", "한국어", "\u1112\u1161\u11ab", "العربية", "ภาษา", "हिन्दी", "क\u093c", "\U0001f600", "\u200d",
    "\ufe0f", "\u00a0", "\u3000", "\u2028", "\u0085", "\ufeff", "\x00", "<|im_start|>", "<|im_end|>", "<|endoftext|>",
    "<|eot_id|>", "<|begin_of_text|>", "<think>", "</think>", "<tool_call>", "<|im", "|>", "Question: ", "Answer", " the",
    "The", "=====", "--", "...", "#include <a>", "\ufffd",
]
# First and last: marks and letters that later Unicode versions added, Indic letters, jamo, marks of many classes.
RANGES = [
    [0x0300, 0x036F], [0x0591, 0x05C7], [0x064B, 0x065F], [0x07FD, 0x07FD], [0x0898, 0x089F], [0x08CA, 0x08E1],
    [0x0915, 0x094D], [0x09BC, 0x09D7], [0x0B3C, 0x0B57], [0x0C3C, 0x0C56], [0x0D3B, 0x0D4D], [0x0EB8, 0x0ECB],
    [0x0F71, 0x0F84], [0x1100, 0x11FF], [0x1AB0, 0x1ACE], [0x1DC0, 0x1DFF], [0x20D0, 0x20F0], [0x302A, 0x302F],
    [0xA82C, 0xA82C], [0xAC00, 0xD7A3], [0xF900, 0xFAD9], [0xFB1D, 0xFB4F], [0x10D24, 0x10D27], [0x10EAB, 0x10EAC],
    [0x11099, 0x110BA], [0x11127, 0x11134], [0x11340, 0x1134D], [0x11380, 0x113C8], [0x114B0, 0x114C3],
    [0x11930, 0x11943], [0x16121, 0x16129], [0x1D15E, 0x1D172], [0x1E130, 0x1E136], [0x2F800, 0x2FA1D],
]
MASK = (1 << 64) - 1


class SplitMix64:
    def __init__(self, seed):
        self.state = seed

    def below(self, bound):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return (z ^ (z >> 31)) % bound


def fuzzed(number):
    random = SplitMix64(number)
    text = ""
    for _ in range(1 + random.below(12)):
        kind = random.below(8)
        if kind < 2:
            part = chr(0x20 + random.below(95))
        elif kind < 4:
            part = PIECES[random.below(len(PIECES))]
        elif kind == 4:
            part = chr(random.below(0x3000))
        elif kind == 5:
            part = chr(0xE000 + random.below(0x110000 - 0xE000))
        else:
            first, last = RANGES[random.below(len(RANGES))]
            part = chr(first + random.below(last - first + 1))
        text += part * (1 + (random.below(6) if random.below(4) == 0 else 0))
    return text


def packed(ids):
    return struct.pack(f"<{len(ids) + 1}i", len(ids), *ids)


def digest(data):
    return hashlib.sha256(data).hexdigest()[:12]


def encode(folder, texts):
    tokenizer = Tokenizer.from_file(str(pathlib.Path(folder) / "tokenizer.json"))
    for at in range(0, len(texts), 1000):
        for encoding in tokenizer.encode_batch(texts[at:at + 1000], add_special_tokens=False):
            yield packed(encoding.ids)


def chats(cache):
    """What HF's apply_chat_template makes of one question; no beginning of sequence.

    Without a system message, but for Qwen1.5: PoLar's release gives it one. (Where none is given, Qwen1.5's template
    writes the same sentence without its full stop.)
    """
    from transformers import PreTrainedTokenizerFast
    rendered = {}
    system = {"role": "system", "content": "You are a helpful assistant."}
    for template, name, before in (("chat-llama3", "llama3.1", []), ("chat-qwen1.5", "qwen1.5", [system]),
                                   ("chat-qwen2.5", "qwen2.5", []), ("chat-qwen3", "qwen3", [])):
        folder = cache / name
        settings = json.loads((folder / "tokenizer_config.json").read_text())
        tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"),
                                            bos_token=settings["bos_token"], chat_template=settings["chat_template"])
        text = tokenizer.apply_chat_template(before + [{"role": "user", "content": "What is 3 + 4?"}], tokenize=False,
                                             add_generation_prompt=True, enable_thinking=False)
        rendered[template] = text.removeprefix("<|begin_of_text|>")
    return rendered


def fixture(cache):
    texts = [fuzzed(number) for number in range(TEXTS)]
    content = {"tokenizers": tokenizers.__version__, "pieces": PIECES, "ranges": RANGES, "texts": TEXTS, "block": BLOCK,
               "texts_digest": digest("\0".join(texts).encode()), "chats": chats(cache), "ids": {}}
    for name in NAMES:
        rows = list(encode(cache / name, texts))
        content["ids"][name] = [digest(b"".join(rows[at:at + BLOCK])) for at in range(0, TEXTS, BLOCK)]
    (HERE / "fixtures/real_tokenizers.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")


def main():
    if sys.argv[1] == "fixture":
        fixture(pathlib.Path(sys.argv[2]))
    else:
        for row in encode(sys.argv[2], [json.loads(line) for line in sys.stdin]):
            print(digest(row))


if __name__ == "__main__":
    main()
