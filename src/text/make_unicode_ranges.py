#!/usr/bin/env python3
"""Writes unicode_ranges.inc and combining_ranges.inc, asked of HF tokenizers itself.

unicode_ranges.inc: the character classes that it splits by.

Its regular expressions (Oniguruma) and its Digits splitter (Rust's char::is_numeric) follow different Unicode versions,
and both differ from PCRE2 and from Python's unicodedata; so every code point is put to the two of them.

combining_ranges.inc: the combining marks of its NFC, which are those of Unicode 9. Marks that came later stay where they
are there, while newer libraries move them.

    python3 src/text/make_unicode_ranges.py
"""
import pathlib

import tokenizers
from tokenizers import Regex, normalizers, pre_tokenizers

HERE = pathlib.Path(__file__).resolve().parent

CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]


def matching(pattern):
    removed = pre_tokenizers.Split(Regex(pattern), "removed")
    return {c for c in CODE_POINTS if not removed.pre_tokenize_str(chr(c))}


def numeric():
    digits = pre_tokenizers.Digits(individual_digits=True)
    return {c for c in CODE_POINTS if len(digits.pre_tokenize_str("#" + chr(c))) == 2}


def combining():
    """Marks that move past one of class 1 after them or past one of class 240 before them."""
    nfc = normalizers.NFC().normalize_str
    moves = lambda text: nfc(text) != text
    own = [(c, nfc(chr(c))) for c in CODE_POINTS]
    return {c for c, form in own if moves(form + "\u0334") or moves("\u0345" + form)}


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

    letter = {"Letter": "L", "Number": "N", "Space": "S", "DigitOnly": "D"}
    rows = sorted((first, last, letter[name]) for name, members in classes.items() for first, last in ranges(members))
    write("unicode_ranges.inc", ", ".join(f"{len(members)} {name}" for name, members in classes.items()), rows)
    marks = combining()
    write("combining_ranges.inc", f"{len(marks)} combining marks", ranges(marks))


def write(name, counts, rows):
    lines = [f"// Written by make_unicode_ranges.py with tokenizers {tokenizers.__version__}: {counts}.", ""]
    for first, last, *rest in rows:
        item = "{" + ", ".join([f"0x{first:X}", f"0x{last:X}", *rest]) + "},"
        if len(lines[-1]) + len(item) + 1 > 118:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + item
    (HERE / name).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
