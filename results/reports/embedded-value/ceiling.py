#!/usr/bin/env python3
"""What can be had from a menu at all? Choosers that see what no policy sees: every program's answer and margin.

    python ceiling.py labels.h5        needs h5py, numpy, torch

Reads labels in which all questions ran the same programs. Trains on the split "train", measures on "validation". A
chooser that has run the whole menu knows more than any that sees the question alone; where it cannot beat the standard
program, what the oracle finds beyond it is luck: some of many answers happen to be right.
"""
import collections
import math
import sys

import h5py
import numpy as np
import torch


def read(path):
    file = h5py.File(path, "r")
    texts = lambda name: [x.decode() if isinstance(x, bytes) else x for x in file[name][:]]
    splits, example = np.array(texts("/examples/split")), file["/programs/example"][:]
    offset, layers = file["/programs/offset"][:].astype(int), file["/programs/layers"][:]
    programs = [tuple(layers[offset[i]:offset[i + 1]]) for i in range(len(example))]
    right, margin, text = file["/programs/verdict"][:] == 1, file["/programs/margin"][:], texts("/programs/text")
    depth = int(file.attrs["depth"])
    menu = sorted(set(programs), key=lambda p: (p != tuple(range(depth)), len(p), p))
    place = {program: k for k, program in enumerate(menu)}
    shape = (len(splits), len(menu))
    table = {"right": np.zeros(shape, bool), "margin": np.zeros(shape), "text": np.full(shape, "", object)}
    for i, program in enumerate(programs):
        where = example[i], place[program]
        table["right"][where], table["margin"][where], table["text"][where] = right[i], margin[i], text[i]
    return menu, splits, table


def mcnemar(gained, lost):
    n, k = gained + lost, min(gained, lost)
    return min(1.0, 2 * sum(math.comb(n, i) for i in range(k + 1)) / 2**n)


def line(name, picked, standard):
    gained, lost = int((picked & ~standard).sum()), int((~picked & standard).sum())
    print(f"{name:42s} {100 * picked.mean():5.1f} %   +{gained} -{lost}   p {mcnemar(gained, lost):.3f}")


def vote(table, row):
    counts = collections.Counter(table["text"][row])
    first = max(range(len(table["text"][row])), key=lambda k: (counts[table["text"][row][k]], -k))
    return table["right"][row][first]


def learned(table, train, test):
    """A network scores each answer by which programs gave it and with what margins."""
    rows, groups, labels = [], [], []
    menu = table["right"].shape[1]
    for question in range(len(table["right"])):
        answers = {}
        for k in range(menu):
            features, _ = answers.setdefault(table["text"][question][k], (np.zeros(2 * menu, np.float32), []))
            features[k], features[menu + k] = 1, min(table["margin"][question][k], 6)
            answers[table["text"][question][k]][1].append(table["right"][question][k])
        for features, right in answers.values():
            rows.append(features), groups.append(question), labels.append(any(right))
    x, y = torch.tensor(np.array(rows)), torch.tensor(labels, dtype=torch.float32)
    torch.manual_seed(0)
    torch.set_num_threads(1)
    net = torch.nn.Sequential(torch.nn.Linear(2 * menu, 64), torch.nn.ReLU(), torch.nn.Dropout(0.2), torch.nn.Linear(64, 1))
    optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.05)
    trained = torch.tensor(np.flatnonzero(train[np.array(groups)]))
    for _ in range(6):
        for batch in trained[torch.randperm(len(trained))].split(256):
            optimizer.zero_grad()
            torch.nn.functional.binary_cross_entropy_with_logits(net(x[batch])[:, 0], y[batch]).backward()
            optimizer.step()
    net.eval()
    with torch.no_grad():
        score = net(x)[:, 0].tolist()
    best = {}
    for i, question in enumerate(groups):
        if question not in best or score[i] > best[question][0]:
            best[question] = score[i], labels[i]
    return np.array([best[question][1] for question in np.flatnonzero(test)])


menu, splits, table = read(sys.argv[1])
train, test = splits == "train", splits == "validation"
right, margin = table["right"][test], table["margin"][test]
standard = right[:, 0]
rows = np.flatnonzero(test)
print(f"{len(menu)} programs, {train.sum()} train and {test.sum()} validation questions\n")
line("standard program", standard, standard)
line("best static program on train", right[:, table["right"][train].mean(0).argmax()], standard)
line("all run: largest margin", right[np.arange(len(right)), margin.argmax(1)], standard)
line("all run: most frequent answer", np.array([vote(table, row) for row in rows]), standard)
line("all run: answer by a trained network", learned(table, train, test), standard)
line("all run: oracle", right.any(1), standard)
