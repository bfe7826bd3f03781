// Rotary position embedding (Su et al., 2021) in the half-split form of
// HF's checkpoints, with Llama 3.1's slowing of long wavelengths.
#pragma once

#include <ATen/core/TensorBody.h>

#include <memory>

#include "llm/model_config.h"

namespace polar {

// cos and sin of every position: [positions, headSize / 2], fp32.
struct RotaryTable {
  at::Tensor cos, sin;
};

std::shared_ptr<const RotaryTable> makeRotaryTable(const ModelConfig& config, const at::Device& device);

// Turns x [rows, heads, headSize] in place: the pairs (i, i + headSize/2) of a row by
// the angle of its position; heads below `scaled` are then multiplied by `scale`. A
// row's heads follow each other. positions: int64 [rows], on x's device.
void rotate(at::Tensor& x, const RotaryTable& table, const at::Tensor& positions, std::int64_t scaled, double scale);

}  // namespace polar
