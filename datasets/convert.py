#!/usr/bin/env python3
"""Converts a public data set from its upstream format into Polar's JSONL (datasets/README.md).

    convert.py SET SPLIT INPUT OUTPUT

SET is gsm8k, math, asdiv, mawps, svamp or mmlu_pro; INPUT is the file as its home serves it. OUTPUT appears whole or
not at all. Only Python's standard library is used. Exit code 2 and one line on stderr where INPUT is not what SET
looks like.
"""
import json
import os
import re
import sys
import tarfile
import zipfile


class BadInput(Exception):
    pass


def lines_of(path):
    """(line number from 0, record) of a JSONL file."""
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(line for line in file if line.strip()):
            try:
                yield number, json.loads(line)
            except json.JSONDecodeError as error:
                raise BadInput(f"line {number + 1}: not JSON ({error.msg})") from None


def plain_number(value):
    """145.0 -> "145"; 0.25 stays; text is stripped."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip()
    return text[:-2] if re.fullmatch(r"-?\d+\.0", text) else text


def last_boxed(solution):
    """What stands in the last \\boxed{...} or \\fbox{...}, by balanced braces; \\{ and \\} are no braces."""
    start = max(solution.rfind("\\boxed"), solution.rfind("\\fbox"))
    if start < 0:
        return None
    rest = solution[start:].split("box", 1)[1].removeprefix("ed")
    if not rest.lstrip().startswith("{"):  # "\boxed 5": one token
        return re.split(r"[\s$.]", rest.strip(), maxsplit=1)[0] or None
    rest = rest.lstrip()
    depth, i = 0, 0
    while i < len(rest):
        if rest[i] == "\\":
            i += 2
            continue
        depth += {"{": 1, "}": -1}.get(rest[i], 0)
        if depth == 0:
            return rest[1:i].strip(" $")
        i += 1
    return None


def gsm8k(split, path):
    for number, record in lines_of(path):
        solution = record["answer"]
        if "####" not in solution:
            raise BadInput(f"line {number + 1}: no #### in answer")
        answer = solution.rsplit("####", 1)[1].strip().replace(",", "")
        yield dict(id=f"gsm8k/{split}/{number}", question=record["question"], answer=answer, solution=solution,
                   source=f"openai/grade-school-math:grade_school_math/data/{split}.jsonl")


# Problems whose last box is empty or not the answer.
MATH_ERRATA = {"train/number_theory/7115": "0", "train/number_theory/7117": "0", "test/prealgebra/177": "6"}


def math(split, path):
    """A tar archive that holds .../MATH/SPLIT/SUBJECT/NUMBER.json."""
    found = []
    member_name = re.compile(rf"(?:^|/)MATH/{re.escape(split)}/([a-z_]+)/(\d+)\.json$")
    with tarfile.open(path) as archive:
        for member in archive:
            match = member_name.search(member.name)
            if match and member.isfile():
                found.append((match[1], int(match[2]), json.load(archive.extractfile(member))))
    for subject, number, record in sorted(found, key=lambda item: item[:2]):
        answer = MATH_ERRATA.get(f"{split}/{subject}/{number}") or last_boxed(record["solution"])
        if not answer:
            raise BadInput(f"{subject}/{number}.json: no \\boxed{{...}} in solution")
        level = re.fullmatch(r"Level (\d)", record["level"])
        yield dict(id=f"math/{split}/{subject}/{number}", question=record["problem"], answer=answer,
                   solution=record["solution"], level=int(level[1]) if level else None, subject=record["type"],
                   source=f"hendrycks/math:MATH/{split}/{subject}/{number}.json")


def asdiv(split, path):
    for number, record in lines_of(path):
        solution_type = next((record[key] for key in ("solution-type", "solution_type") if key in record), "")
        yield dict(id=f"asdiv/{split}/{number}",
                   question=f"{record['body'].strip()} {record['question'].strip()}".strip(),
                   answer=re.sub(r"\(.*?\)", "", record["answer"]).strip(), solution=record.get("formula", ""),
                   subject=solution_type, source=f"QwenLM/Qwen2.5-Math:evaluation/data/asdiv/{split}.jsonl")


def mawps(split, path):
    for number, record in lines_of(path):
        subject = next((record[key] for key in ("type", "subject", "dataset") if key in record), "")
        yield dict(id=f"mawps/{split}/{number}", question=record["input"].strip(),
                   answer=plain_number(record["target"]), subject=subject,
                   source=f"QwenLM/Qwen2.5-Math:evaluation/data/mawps/{split}.jsonl")


def svamp(split, path):
    for number, record in lines_of(path):
        body = record["Body"].strip()
        body += "" if body.endswith(".") else "."
        yield dict(id=f"svamp/{split}/{number}", question=f"{body} {record['Question'].strip()}",
                   answer=plain_number(record["Answer"]), solution=str(record["Equation"]).strip(),
                   subject=record["Type"], source=f"QwenLM/Qwen2.5-Math:evaluation/data/svamp/{split}.jsonl")


def mmlu_pro(split, path):
    """A zip archive of JSON lists: the questions as the authors' published model outputs repeat them."""
    questions = {}
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            if name.endswith(".json") and not os.path.basename(name).startswith("."):
                records = json.loads(archive.read(name))
                questions.update((r["question_id"], r) for r in records if isinstance(r, dict) and "question_id" in r)
    for number, record in sorted(questions.items()):
        options = [option for option in record["options"] if option != "N/A"]
        yield dict(id=f"mmlu_pro/{split}/{number}", question=record["question"], answer=record["answer"],
                   subject=record["category"], source=f"TIGER-AI-Lab/MMLU-Pro:{record.get('src', '')}", options=options)


CONVERTERS = {"gsm8k": gsm8k, "math": math, "asdiv": asdiv, "mawps": mawps, "svamp": svamp, "mmlu_pro": mmlu_pro}
FIELDS = dict(id="", question="", answer="", solution="", level=None, subject="", source="")


def convert(name, split, source, target):
    records = [{**FIELDS, **record} for record in CONVERTERS[name](split, source)]
    if not records:
        raise BadInput("no record found")
    for record in records:
        if not record["question"].strip() or not record["answer"].strip():
            raise BadInput(f"{record['id']}: an empty question or answer")
    temporary = target + ".tmp"
    with open(temporary, "w", encoding="utf-8") as file:
        for record in records:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, target)


def main(arguments):
    if len(arguments) != 4 or arguments[0] not in CONVERTERS:
        print(f"usage: convert.py SET SPLIT INPUT OUTPUT, with SET one of {', '.join(CONVERTERS)}", file=sys.stderr)
        return 2
    name, split, source, target = arguments
    try:
        convert(name, split, source, target)
    except KeyError as error:
        problem = f"a record without the field {error}"
    except (BadInput, OSError, ValueError, AttributeError, TypeError, tarfile.TarError, zipfile.BadZipFile) as error:
        problem = str(error)
    else:
        return 0
    print(f"convert.py: {source}: not {name} as its home serves it: {problem}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
