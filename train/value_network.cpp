#include "train/value_network.h"

namespace polar {

namespace nn = torch::nn;

ValueNetwork::ValueNetwork(const ValueShape& shape) {
  mean = register_buffer("mean", torch::zeros({shape.inputWidth}));
  scale = register_buffer("scale", torch::ones({shape.inputWidth}));
  first = register_module("first", nn::Linear(shape.inputWidth, shape.width));
  second = register_module("second", nn::Linear(shape.width, shape.width));
  programs = register_module("programs", nn::Linear(shape.width, shape.programs));
  edits = register_module("edits", nn::Linear(nn::LinearOptions(shape.depth + 2, shape.width).bias(false)));
  nn::init::zeros_(edits->weight);
}

at::Tensor ValueNetwork::forward(const at::Tensor& features, const at::Tensor& editRows, Dropout dropout) const {
  auto x = (features - mean) / scale;
  x = dropout(torch::relu(torch::linear(x, first->weight, first->bias)));
  x = dropout(torch::relu(torch::linear(x, second->weight, second->bias)));
  return torch::linear(x, programs->weight + torch::linear(editRows, edits->weight), programs->bias);
}

void ValueNetwork::standardise(const at::Tensor& features) {
  const torch::NoGradGuard noGrad;
  mean.copy_(features.mean(0));
  scale.copy_((features - mean).square().mean(0).sqrt().clamp_min(1e-3));
}

}  // namespace polar
