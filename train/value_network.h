// The torch module of one member of the value model. Internal: it brings <torch/torch.h>.
#pragma once

#include <torch/torch.h>

#include "train/dropout.h"
#include "train/value_model.h"

namespace polar {

// Standardised question features → two hidden layers (ReLU, dropout) → a logit for each program of the menu: the
// product of the hidden state and the program's vector, plus a bias. The vector is the program's own plus a linear map
// of its edit features, which starts at 0.
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
