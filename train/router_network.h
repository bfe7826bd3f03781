// The torch module of the layer routers. Internal: it brings <torch/torch.h>.
#pragma once

#include <torch/torch.h>

#include "train/router.h"

namespace polar {

// D routers, each linear – GELU – linear; a router's logits are the mean over the windows.
struct RouterNetwork : torch::nn::Module {
  explicit RouterNetwork(const RouterShape& shape);

  // windows: [B, windows, inputWidth] before layer `layer`. Returns [B, 3]: skip, execute, repeat.
  at::Tensor forward(const at::Tensor& windows, int layer);

  torch::nn::ModuleList narrow{nullptr}, wide{nullptr};
};

// Focal loss (Lin et al. 2017) of each row: −weight · (1 − p)^gamma · log p of its class. logits: [N, 3]; classes: [N].
at::Tensor focalLoss(const at::Tensor& logits, const at::Tensor& classes, const at::Tensor& classWeights, double gamma);

// Weights of the three classes by their effective number (Cui et al. 2019): (1 − beta) / (1 − beta^n), scaled to a mean
// of 1 over the classes that occur; a class that does not occur weighs 0.
std::vector<double> effectiveNumberWeights(const std::vector<std::int64_t>& counts, double beta);

}  // namespace polar
