#!/usr/bin/env python3
"""Word problems of five levels, made from seeds with the standard library alone.

A problem is a small world: people own a number of one kind of thing, sentences change or compare
these numbers, and a question asks for one of them, for a sum or for a difference. The level is the
number of arithmetic operations that the answer needs (1 to 5).

    python generate.py            writes train.jsonl, test.jsonl, ood_wording.jsonl, ood_range.jsonl
    python generate.py --show 10  prints problems instead
    python generate.py --more N   writes more.jsonl alone: N further problems like train.jsonl's
"""
import argparse
import hashlib
import json
import operator
import random
from dataclasses import dataclass
from pathlib import Path

HE = "Tom Ben Sam Max Leo Dan Jack Paul Mark Hugo Ivan Omar".split()
SHE = "Ann Mia Eva Zoe Lily Sara Nora Kate Rosa Lucy Jane Emma".split()
PRONOUN = {**{name: "He" for name in HE}, **{name: "She" for name in SHE}}
THINGS = ("apples pears plums nuts eggs books pens cards coins stamps shells stones "
          "beads balls cups toys cakes roses keys hats").split()
PLACES = "at the market,at school,at the fair,on the beach,in the park".split(",")
BOXES = "bags boxes baskets".split()

# Wording families. "seen" ones are in the model's training text, in train.jsonl, test.jsonl and
# ood_range.jsonl; "held" ones are in ood_wording.jsonl only. Held families use words that the seen
# ones use too, in constructions that these do not have.
# P, Q, R people; N, K, M numbers; O the things; W a place; B a box; S boxes.
WORDING = {
    "own": dict(
        seen=["P has N O.", "P starts with N O.", "There are N O in the bag of P.", "P owns N O."],
        held=["In the bag of P there are N O.", "W , P starts with N O.", "N O are in the bag of P."]),
    "own_groups": dict(
        seen=["P has K S of M O.", "P owns K S with M O in each.", "There are K S with M O each in the room of P."],
        held=["P has M O in each of K S.", "In the room of P there are K S of M O each."]),
    "gain": dict(
        seen=["P buys N more.", "P finds N more O W .", "P gets another N O.", "A friend gives P N O.",
              "Then P gets N from a friend.", "W , P buys another N."],
        held=["W , a friend gives P another N O.", "Then N more are given to P.", "From a friend P gets N more O W ."]),
    "gain_groups": dict(
        seen=["P buys K S of M O.", "P gets K S with M O in each.", "A friend gives P K more S of M."],
        held=["W , P finds K S with M O each.", "K S of M O are given to P."]),
    "lose": dict(
        seen=["P loses N.", "P sells N O W .", "P gives N O to a friend.", "Then P gives away N.",
              "W , P loses N of the O."],
        held=["N of the O are sold by P.", "A friend gets N of the O from P.", "W , P gives N to a friend."]),
    "double": dict(
        seen=["P doubles the number of O.", "Then P has twice as many.", "The number of O of P doubles."],
        held=["Now P has twice the number of O.", "After this, P has twice as many O."]),
    "times": dict(
        seen=["Then P has K times as many.", "The number of O of P grows K times.", "After a year P has K times as many O."],
        held=["Now P has K times the number of O.", "W , P gets K times as many."]),
    "halve": dict(
        seen=["P loses half of the O.", "P gives half of them to a friend.", "Then P sells half.",
              "Half of the O of P are sold.", "Half of them are given to a friend by P."],
        held=["P keeps only half of the O.", "W , half of the O of P are given away."]),
    "split": dict(
        seen=["P puts the O into K equal S and keeps one B.", "P makes K equal S of O and keeps only one B.",
              "P shares the O equally among K people and is one of them."],
        held=["P keeps one of K equal S of O.", "P puts them equally into K S and gives away all but one B."]),
    "more": dict(
        seen=["Q has N more than P.", "Q has N more O than P.", "P has N fewer than Q.", "P has N fewer O than Q."],
        held=["N more O than P: so many has Q.", "Compared with P, Q has N more."]),
    "fewer": dict(
        seen=["Q has N fewer than P.", "Q has N fewer O than P.", "P has N more than Q.", "P has N more O than Q."],
        held=["N fewer O than P: so many has Q.", "Compared with P, Q has N fewer."]),
    "multiple": dict(
        seen=["Q has K times as many as P.", "Q has K times as many O as P."],
        held=["K times as many as P: so many has Q.", "Compared with P, Q has K times as many."]),
    "twice": dict(
        seen=["Q has twice as many as P.", "Q has twice as many O as P."],
        held=["Twice as many as P: so many has Q.", "Compared with P, Q has twice as many."]),
    "half": dict(
        seen=["Q has half as many as P.", "Q has only half as many O as P."],
        held=["Half as many as P: so many has Q.", "Compared with P, Q has half as many."]),
    "sum": dict(
        seen=["R has as many as P and Q together.", "R has as many O as P and Q have together."],
        held=["Together, P and Q have as many as R.", "As many as P and Q together: so many has R."]),
    "give": dict(
        seen=["P gives N to Q.", "P gives Q N O.", "Q gets N O from P.", "Then Q gets N of them from P."],
        held=["P sells N O to Q.", "Q buys N of the O from P.", "N of the O of P are given to Q."]),
    "ask": dict(
        seen=["How many O does P have now?", "How many O does P have?", "How many O has P in the end?",
              "What is the number of O of P?"],
        held=["Now how many O does P have?", "In the end, how many O does P have?"]),
    "ask_sum": dict(
        seen=["How many O do P and Q have together?", "How many have P and Q together?",
              "What is the number of O of P and Q together?"],
        held=["Together, how many O do P and Q have now?", "P and Q together have how many O?"]),
    "ask_difference": dict(
        seen=["How many more O does P have than Q?", "How many fewer O does Q have than P?",
              "How many more than Q has P?"],
        held=["P has how many more O than Q?", "Compared with Q, how many more O does P have?"]),
    # Sentences without a step: they teach the model the words that open sentences of the held families.
    "idle": dict(
        seen=["P compares them with Q.", "P is happy with all but one of them.", "In the end, P is so happy.",
              "After this, P is so happy.", "Now P is so happy.", "Compared with Q, P is so happy.",
              "Together, P and Q are so happy.", "From now on P is happy.", "As so many people, P is happy.",
              "Twice a year P sees Q."],
        held=[]),
}


@dataclass(frozen=True)
class Range:
    """How large the numbers of a problem may be."""
    start: tuple   # numbers people start with
    step: tuple    # numbers added or taken away
    group: tuple   # things in a bag
    limit: int     # no number on the way is larger
    beyond: "Range | None" = None  # at least one number said is larger than this range has


SEEN_RANGE = Range(start=(3, 60), step=(2, 30), group=(2, 12), limit=120)
FAR_RANGE = Range(start=(3, 70), step=(2, 35), group=(2, 13), limit=120, beyond=SEEN_RANGE)


class Amount:
    """A number with the operations it came from."""

    def __init__(self, value, steps=()):
        self.value, self.steps = value, tuple(steps)

    def then(self, sign, other):
        left, right = self.value, other.value if isinstance(other, Amount) else other
        value = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.floordiv}[sign](left, right)
        merged = list(self.steps)
        for step in other.steps if isinstance(other, Amount) else ():
            if step not in merged:
                merged.append(step)
        # A step is told apart by its own object, so equal sums of different people stay different.
        return Amount(value, merged + [Step(f"{left} {sign} {right} = {value}")])


class Step:
    def __init__(self, text):
        self.text = text


class Reject(Exception):
    """The problem at hand broke a rule; draw another."""


class Maker:
    """Draws one problem; raises Reject when the draw does not fit."""

    def __init__(self, rng, level, held, numbers):
        self.rng, self.level, self.held, self.numbers = rng, level, held, numbers
        self.thing = rng.choice(THINGS)
        self.names = rng.sample(HE + SHE, 3)
        self.owned = {}
        self.text = []
        self.amounts = [] # (sentence, number its person has now), for the model's training
        self.made = []    # every operation said so far
        self.pairs = []   # the two operations of a gift
        self.subject = None
        self.any_held = False
        self.is_beyond = False

    def say(self, family, p=None, q=None, r=None, n=None, k=None, m=None):
        wording = WORDING[family]
        use_held = self.held and wording["held"] and self.rng.random() < self.held
        self.any_held |= bool(use_held)
        template = self.rng.choice(wording["held" if use_held else "seen"])
        boxes = self.rng.choice(BOXES)
        words = {"P": p, "Q": q, "R": r, "N": n, "K": k, "M": m, "O": self.thing, "S": boxes,
                 "B": boxes[:-2] if boxes == "boxes" else boxes[:-1], "W": self.rng.choice(PLACES)}
        subject = next((words[w] for w in template.split()[:1] if w in "PQR"), None)
        first = True
        out = []
        for token in template.split():
            stem = token.rstrip(".,?:")
            if stem in words:
                word = str(words[stem])
                if first and subject and subject == self.subject and self.rng.random() < 0.4:
                    word = PRONOUN[subject]
                token = word + token[len(stem):]
            out.append(token)
            first = False
        sentence = " ".join(out).replace(" ,", ",").replace(" .", ".")
        self.text.append(sentence[0].upper() + sentence[1:])
        self.subject = subject

    def keep(self, person, amount):
        if not 0 <= amount.value <= self.numbers.limit:
            raise Reject
        self.owned[person] = amount
        self.amounts.append((len(self.text) - 1, amount.value))
        if amount.steps:
            self.made.append(amount.steps[-1])

    def number(self, kind):
        """A number to be said; small ones are drawn more often than large ones."""
        low, high = getattr(self.numbers, kind)
        if kind == "group":
            return self.rng.randint(low, high)
        return self.rng.randint(low, self.rng.randint(low + (high - low) // 3, high))

    def beyond(self, kind, number):
        known = self.numbers.beyond
        self.is_beyond |= bool(known) and number > getattr(known, kind)[1]

    def own(self, person):
        if self.rng.random() < 0.15:
            k, m = self.rng.randint(2, 5), self.number("group")
            self.beyond("group", m)
            self.say("own_groups", p=person, k=k, m=m)
            self.keep(person, Amount(k).then("*", m))
        else:
            n = self.number("start")
            self.beyond("start", n)
            self.say("own", p=person, n=n)
            self.keep(person, Amount(n))

    def change(self):
        rng, p = self.rng, self.rng.choice(list(self.owned))
        have = self.owned[p]
        new = next((name for name in self.names if name not in self.owned), None)
        n, k = self.number("step"), rng.randint(2, 5)
        kind = rng.choices(["gain", "lose", "double", "times", "halve", "split", "gain_groups", "give", "more",
                            "fewer", "multiple", "twice", "half", "sum", "own"],
                           [20, 20, 6, 4, 8, 7, 5, 10, 6, 6, 3, 3, 3, 3, 8])[0]
        if kind in ("gain", "lose", "give", "more", "fewer"):
            self.beyond("step", n)
        if kind == "gain":
            self.say(kind, p=p, n=n)
            self.keep(p, have.then("+", n))
        elif kind == "lose":
            self.say(kind, p=p, n=n)
            self.keep(p, have.then("-", n))
        elif kind in ("double", "times"):
            k = 2 if kind == "double" else rng.randint(3, 5)
            self.say(kind, p=p, k=k)
            self.keep(p, have.then("*", k))
        elif kind in ("halve", "split"):
            k = 2 if kind == "halve" else rng.randint(3, 5)
            if have.value % k or have.value == 0:
                raise Reject
            self.say(kind, p=p, k=k)
            self.keep(p, have.then("/", k))
        elif kind == "gain_groups":
            m = self.number("group")
            self.beyond("group", m)
            self.say(kind, p=p, k=k, m=m)
            groups = Amount(k).then("*", m)
            self.made.append(groups.steps[-1])
            self.keep(p, have.then("+", groups))
        elif kind == "give":
            if len(self.owned) < 2:
                raise Reject
            q = rng.choice([name for name in self.owned if name != p])
            self.say(kind, p=p, q=q, n=n)
            # Giving and getting are two operations; a question about one of the two people needs one.
            made = len(self.made)
            self.keep(p, have.then("-", n))
            self.keep(q, self.owned[q].then("+", n))
            self.pairs.append(tuple(self.made[made:]))
            del self.made[made:]
        elif kind == "own":
            if new is None:
                raise Reject
            self.own(new)
        else:
            if kind == "sum":
                if len(self.owned) != 2:
                    raise Reject
                q = next(name for name in self.owned if name != p)
                self.say(kind, p=p, q=q, r=new)
                self.keep(new, have.then("+", self.owned[q]))
                return
            if new is None:
                raise Reject
            sign, by = {"more": ("+", n), "fewer": ("-", n), "multiple": ("*", rng.randint(3, 5)), "twice": ("*", 2),
                        "half": ("/", 2)}[kind]
            if kind == "half" and have.value % 2:
                raise Reject
            self.say(kind, p=p, q=new, n=n, k=by)
            self.keep(new, have.then(sign, by))

    def problem(self):
        rng = self.rng
        self.own(self.names[0])
        ask = rng.choices(["ask", "ask_sum", "ask_difference"], [6, 2, 2])[0]
        changes = self.level - (ask != "ask") + (rng.random() < 0.15)
        while len(self.made) + len(self.pairs) < changes or (ask != "ask" and len(self.owned) < 2):
            self.change()
            if len(self.text) > 9:
                raise Reject
        if rng.random() < 0.08:
            p, q = rng.sample(self.names, 2)
            self.say("idle", p=p, q=q)
        if ask == "ask":
            p = rng.choice(list(self.owned))
            self.say(ask, p=p)
            answer = self.owned[p]
        else:
            p, q = rng.sample(list(self.owned), 2)
            if ask == "ask_difference" and self.owned[p].value < self.owned[q].value:
                p, q = q, p
            self.say(ask, p=p, q=q)
            answer = self.owned[p].then("+" if ask == "ask_sum" else "-", self.owned[q])
        unused = [s for s in self.made if s not in answer.steps]
        unused += [pair for pair in self.pairs if not any(s in answer.steps for s in pair)]
        if len(answer.steps) != self.level or len(unused) > (rng.random() < 0.5):
            raise Reject
        if answer.value > self.numbers.limit or (self.numbers.beyond and not self.is_beyond):
            raise Reject
        if self.held and not self.any_held:
            raise Reject
        return {"question": " ".join(self.text), "answer": str(answer.value),
                "solution": "; ".join(s.text for s in answer.steps), "level": self.level,
                "subject": {"ask": "amount", "ask_sum": "total", "ask_difference": "difference"}[ask]}


def make_with_amounts(rng, level, held=0.0, numbers=SEEN_RANGE):
    """One problem, its sentences, and the amounts that each sentence leaves: (sentence, amount)."""
    while True:
        maker = Maker(rng, level, held, numbers)
        try:
            return maker.problem(), maker.text, maker.amounts
        except Reject:
            pass


def make(rng, level, held=0.0, numbers=SEEN_RANGE):
    """One problem of a level. `held` is the share of sentences in a held wording family."""
    return make_with_amounts(rng, level, held, numbers)[0]


def digest(question):
    return hashlib.sha256(question.encode()).digest()[:8]


SPLITS = {  # name: (records, make's arguments)
    "train": (4000, {}),
    "test": (2500, {}),
    "ood_wording": (1000, {"held": 0.6}),
    "ood_range": (1000, {"numbers": FAR_RANGE}),
}


def splits(seed=1):
    """The committed files: levels take turns, no question stands twice in any of them."""
    seen, out = set(), {}
    for name, (count, arguments) in SPLITS.items():
        rng = random.Random(f"embedded/{name}/{seed}")
        records = []
        while len(records) < count:
            problem = make(rng, len(records) % 5 + 1, **arguments)
            key = digest(problem["question"])
            if key in seen:
                continue
            seen.add(key)
            records.append({"id": f"embedded/{name}/{len(records)}", **problem, "source": "datasets/embedded/generate.py"})
        out[name] = records
    return out, seen


def stream(seed, exclude, weights=(1, 1, 1, 1, 1)):
    """Endless problems for the model's training, none of them in `exclude`."""
    rng = random.Random(f"embedded/model/{seed}")
    while True:
        problem = make(rng, rng.choices((1, 2, 3, 4, 5), weights)[0])
        if digest(problem["question"]) not in exclude:
            yield problem


def more(count, seed, seen):
    """Further problems of the train split's kind, none of them in a committed file."""
    rng = random.Random(f"embedded/more/{seed}")
    seen, records = set(seen), []
    while len(records) < count:
        problem = make(rng, len(records) % 5 + 1)
        key = digest(problem["question"])
        if key in seen:
            continue
        seen.add(key)
        records.append({"id": f"embedded/more/{len(records)}", **problem, "source": "datasets/embedded/generate.py"})
    return records


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, metavar="N", help="print N problems of each split, write nothing")
    parser.add_argument("--more", type=int, metavar="N", help="write N further problems to more.jsonl, nothing else")
    args = parser.parse_args()
    out, seen = splits(args.seed)
    if args.more:
        out = {"more": more(args.more, args.seed, seen)}
    for name, records in out.items():
        if args.show:
            for record in records[:args.show]:
                print(record["id"], record["level"], record["question"], "->", record["answer"], "|", record["solution"])
            continue
        with open(args.out / f"{name}.jsonl", "w", encoding="utf-8") as file:
            for record in records:
                file.write(json.dumps(record, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
