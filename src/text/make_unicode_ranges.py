#!/usr/bin/env python3
"""Writes unicode_ranges.inc: the character classes that HF tokenizers splits by, asked of HF tokenizers itself.

Its regular expressions (Oniguruma) and its Digits splitter (Rust's char::is_numeric) follow different Unicode versions,
and both differ from PCRE2 and from Python's unicodedata; so every code point is put to the two of them.

    python3 src/text/make_unicode_ranges.py > src/text/unicode_ranges.inc
"""
import tokenizers
from tokenizers import Regex, pre_tokenizers

CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]


def matching(pattern):
    removed = pre_tokenizers.Split(Regex(pattern), "removed")
    return {c for c in CODE_POINTS if not removed.pre_tokenize_str(chr(c))}


def numeric():
    digits = pre_tokenizers.Digits(individual_digits=True)
    return {c for c in CODE_POINTS if len(digits.pre_tokenize_str("#" + chr(c))) == 2}


def ranges(members):
    first = last = None
    for c in sorted(members):
        if last is not None and c == last + 1:
            last = c
            continue
        if first is not None:
            yield first, last
        first = last = c
    yield first, last


def main():
    number = matching(r"\p{N}")
    digits = numeric()
    assert number <= digits
    classes = {"Letter": matching(r"\p{L}"), "Number": number, "Space": matching(r"\s"), "DigitOnly": digits - number}
    assert sum(map(len, classes.values())) == len(set().union(*classes.values())), "classes overlap"

    rows = sorted((first, last, name) for name, members in classes.items() for first, last in ranges(members))
    print(f"// Written by make_unicode_ranges.py with tokenizers {tokenizers.__version__}: "
          + ", ".join(f"{len(members)} {name}" for name, members in classes.items()) + ".")
    letter = {"Letter": "L", "Number": "N", "Space": "S", "DigitOnly": "D"}
    line = ""
    for first, last, name in rows:
        item = f"{{0x{first:X}, 0x{last:X}, {letter[name]}}},"
        if len(line) + len(item) + 1 > 118:
            print(line)
            line = ""
        line += (" " if line else "") + item
    print(line)


if __name__ == "__main__":
    main()
