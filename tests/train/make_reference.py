#!/usr/bin/env python3
"""Writes reference.safetensors: the predictor's module built in PyTorch, with its outputs, loss and gradients.

Usage: python make_reference.py   (versions are kept in the file's metadata)
"""
import pathlib

import safetensors
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

DEPTH, WIDTH, HEADS, BLOCKS, INPUT, TOKENS = 6, 16, 4, 2, 12, 7


class Predictor(nn.Module):
    def __init__(self):
        super().__init__()
        self.projection = nn.Linear(INPUT, WIDTH)
        self.layer_embedding = nn.Embedding(DEPTH, WIDTH)
        self.cross_attention = nn.MultiheadAttention(WIDTH, HEADS, dropout=0.1, batch_first=True)
        self.blocks = nn.ModuleList(
            nn.TransformerEncoderLayer(WIDTH, HEADS, 4 * WIDTH, dropout=0.1, batch_first=True) for _ in range(BLOCKS)
        )
        self.boundary_head = nn.Linear(WIDTH, 1)
        self.op_head = nn.Linear(WIDTH, 3)

    def forward(self, questions, padding):
        tokens = self.projection(questions)
        queries = self.layer_embedding.weight.unsqueeze(0).expand(questions.shape[0], -1, -1)
        x, _ = self.cross_attention(queries, tokens, tokens, key_padding_mask=padding)
        for block in self.blocks:
            x = block(x)
        return self.boundary_head(x).squeeze(-1), self.op_head(x)


def main():
    torch.manual_seed(20)
    torch.set_num_threads(1)
    model = Predictor().eval()
    with torch.no_grad():  # zero biases and unit norms would hide a mistake in them
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter.add_(0.3 * torch.randn_like(parameter))
    questions = torch.randn(2, TOKENS, INPUT)
    lengths = torch.tensor([TOKENS, 4])
    padding = torch.arange(TOKENS).unsqueeze(0) >= lengths.unsqueeze(1)
    boundary, op = model(questions, padding)

    # Two programs as targets; -1: no segment starts here.
    boundaries = torch.tensor([[1.0, 0, 0, 1, 1, 0], [1, 1, 0, 0, 1, 1]])
    ops = torch.tensor([[1, -1, -1, 0, 2, -1], [2, 1, -1, -1, 0, 1]])
    element = F.binary_cross_entropy_with_logits(boundary[:, 1:], boundaries[:, 1:], reduction="none").mean(1)
    token = F.cross_entropy(op.transpose(1, 2), ops, ignore_index=-1, reduction="none").sum(1) / (ops >= 0).sum(1)
    losses = element + token
    (losses * torch.tensor([0.25, 0.75])).sum().backward()

    tensors = {"weights." + n: p.detach() for n, p in model.named_parameters()}
    tensors |= {"gradients." + n: p.grad for n, p in model.named_parameters()}
    tensors |= {"questions": questions, "lengths": lengths.float(), "boundary": boundary, "op": op}
    tensors |= {"boundaries": boundaries, "ops": ops.float(), "losses": losses}
    versions = {"torch": torch.__version__, "safetensors": safetensors.__version__}
    file = pathlib.Path(__file__).parent / "reference.safetensors"
    save_file({n: t.detach().contiguous() for n, t in tensors.items()}, file, metadata=versions)
    print(f"{file.name}: {file.stat().st_size} bytes, {versions}")


if __name__ == "__main__":
    main()
