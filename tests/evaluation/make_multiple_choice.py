"""Writes multiple_choice.json: option letters after a prompt, as HF transformers sees them, for the embedded model.

  python make_multiple_choice.py

For questions of our own and three programs: the log-probability of every letter's token (whole vocabulary) from one pass
over the prompt. The prompts are written out here, apart from src/text.
"""

import json
import pathlib
import sys

import torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "llm"))
from program_reference import number, numbers, program_model, versions  # noqa: E402

MODEL = HERE.parent.parent / "datasets" / "embedded" / "model"
QUESTIONS = [
    ("Tom has 3 apples. He buys 4 more. How many apples does Tom have?", ["1", "7", "12"], "B"),
    ("A box holds 6 pens. How many pens do 5 boxes hold?", ["30", "11", "1", "35"], "A"),
    ("Which of these is a colour?", ["seven", "a chair", "blue", "to run", "quickly"], "C"),
    ("Anna is 9 years old. Her brother is 4 years younger. How old is he?",
     ["13", "6", "4", "9", "36", "14", "5", "3", "2", "0"], "G"),
    ("Pick the only letter there is.", ["this one"], "A"),
]
PROGRAMS = [list(range(12)), [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11], [0, 1, 2, 3, 4, 5, 4, 5, 6, 7, 8, 9, 10, 11]]
SMALLEST_MARGIN = 2e-3  # between the two likeliest letters of a case kept; two implementations differ by less than 2e-4
ENDS = {"boxed": "Answer: \\boxed{", "line": "Answer:\n"}


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    model = AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32, attn_implementation="eager").eval()
    tokenizer = Tokenizer.from_file(str(MODEL / "tokenizer.json"))
    cases = []
    for end, text in ENDS.items():
        for question, options, answer in QUESTIONS:
            lines = "".join(f"\n{chr(65 + i)}. {option}" for i, option in enumerate(options))
            prompt = f"Question: {question}{lines}\n{text}"
            ids = tokenizer.encode(prompt, add_special_tokens=False).ids
            letters = [tokenizer.encode(f"{prompt}{chr(65 + i)}", add_special_tokens=False).ids
                       for i in range(len(options))]
            assert all(letter[:-1] == ids for letter in letters)
            for program in PROGRAMS:
                row = program_model(model, program)(torch.tensor([ids]), use_cache=False).logits[0, -1].double()
                logs = torch.log_softmax(row, -1)[[letter[-1] for letter in letters]]
                top = logs.sort(descending=True).values
                if len(top) > 1 and top[0] - top[1] < SMALLEST_MARGIN:
                    continue
                cases.append({"end": end, "question": question, "options": options, "answer": answer,
                              "program": program, "logprobs": numbers(logs),
                              "margin": number(top[0] - top[1]) if len(top) > 1 else None})
    text = json.dumps({"versions": versions(), "cases": cases}).replace('{"end"', '\n{"end"')
    (HERE / "multiple_choice.json").write_text(text + "\n")
    chosen = [case["logprobs"].index(max(case["logprobs"])) for case in cases]
    print(f"{len(cases)} cases, letters chosen: {sorted(set(chosen))}")


if __name__ == "__main__":
    main()
