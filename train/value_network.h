// The torch module of one member of the value model. Internal: it brings <torch/torch.h>.
#pragma once

#include <torch/torch.h>

#include "train/dropout.h"
#include "train/value_model.h"

namespace polar {

// Standardised question features → two hidden layers (ReLU, dropout) → a logit for each program of the menu: the product
// of the hidden state with the program's own vector, to which its edit features add (from 0 at the start), plus a bias.
struct ValueNetwork : torch::nn::Module {
  explicit ValueNetwork(const ValueShape& shape);

  // features: [B, inputWidth]; edits: [K, depth + 2] (train/value_table.h). Returns [B, K].
  at::Tensor forward(const at::Tensor& features, const at::Tensor& edits, Dropout dropout = {}) const;
  // Mean and spread of the training questions' features, [Q, inputWidth].
  void standardise(const at::Tensor& features);

  at::Tensor mean, scale;  // [inputWidth], buffers
  torch::nn::Linear first{nullptr}, second{nullptr}, programs{nullptr}, edits{nullptr};
};

}  // namespace polar
