// What follows attention in a layer: one gated unit, or a mixture of which each token uses a few.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <vector>

#include "llm/linear.h"

namespace polar {

// down · (silu(gate · x) ∘ (up · x)).
class GatedUnit {
 public:
  GatedUnit() = default;
  // gate, up: [inner, width]; down: [width, inner].
  GatedUnit(const at::Tensor& gate, const at::Tensor& up, const at::Tensor& down);

  // x: [at least kSafeRows, width].
  at::Tensor forward(const at::Tensor& x) const;
  // The same, plus a tensor of x's shape.
  at::Tensor forwardPlus(const at::Tensor& x, const at::Tensor& term) const;
  void forEachProduct(const std::string& prefix, const UseProduct& use);

 private:
  at::Tensor inner(const at::Tensor& x) const;

  Linear gate_, up_, down_;
};

// Qwen2-MoE's block: shared(x) · sigmoid(shared gate) + Σ over the chosen experts of share · expert(x), in order of the
// experts' numbers. Only chosen experts are computed, each for its own tokens; every row comes out as it would alone.
class ExpertMixture {
 public:
  // router: [experts, width]; sharedGate: [1, width]. `chosen` of the experts serve each token, by the largest softmax
  // shares; `sharesSumToOne` scales those shares up to a sum of 1.
  ExpertMixture(at::Tensor router, at::Tensor sharedGate, GatedUnit shared, std::vector<GatedUnit> experts, int chosen,
                bool sharesSumToOne);

  // x: [at least kSafeRows, width], of which the first `tokens` rows are routed; the others get the shared unit alone.
  at::Tensor forward(const at::Tensor& x, std::int64_t tokens) const;
  void forEachProduct(const UseProduct& use);

 private:
  Linear routerAndGate_;  // the router's rows, the shared gate's, zeros up to a whole tile
  GatedUnit shared_;
  std::vector<GatedUnit> experts_;
  int chosen_;
  bool sharesSumToOne_;
};

}  // namespace polar
