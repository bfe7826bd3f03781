#include "llm/rotary.h"

#include <ATen/ATen.h>

#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "llm/linear.h"

namespace polar {
namespace {

void rotateByTensors(const at::Tensor& x, const RotaryTable& table, const at::Tensor& positions) {
  const std::int64_t half = x.size(2) / 2;
  const at::Tensor cos = table.cos.index_select(0, positions).unsqueeze(1).to(x.dtype());
  const at::Tensor sin = table.sin.index_select(0, positions).unsqueeze(1).to(x.dtype());
  at::Tensor a = x.narrow(2, 0, half), b = x.narrow(2, half, half);
  const at::Tensor left = at::mul(a, cos).sub_(b * sin);
  at::mul_out(b, b, cos).add_(a * sin);
  a.copy_(left);
}

// The same operations in the same order, so the same bits, with x read and written
// once while it is near: as tensors they were 2.5 % of the executor's time.
void rotateRows(const at::Tensor& x, const RotaryTable& table, const at::Tensor& positions, std::int64_t scaled,
                float scale) {
  using Half = Eigen::Map<Eigen::ArrayXf>;
  using Angles = Eigen::Map<const Eigen::ArrayXf>;
  const std::int64_t heads = x.size(1), size = x.size(2), half = size / 2;
  const auto* position = positions.const_data_ptr<std::int64_t>();
  Eigen::ArrayXf left(half);
  for (std::int64_t row = 0; row < x.size(0); ++row) {
    float* const first = x.data_ptr<float>() + row * x.stride(0);
    const Angles cos(table.cos.const_data_ptr<float>() + position[row] * half, half),
        sin(table.sin.const_data_ptr<float>() + position[row] * half, half);
    for (std::int64_t head = 0; head < heads; ++head) {
      Half a(first + head * size, half), b(first + head * size + half, half);
      const float factor = head < scaled ? scale : 1.0f;
      left = (a * cos - b * sin) * factor;
      b = (b * cos + a * sin) * factor;
      a = left;
    }
  }
}

}  // namespace

std::shared_ptr<const RotaryTable> makeRotaryTable(const ModelConfig& config, const at::Device& device) {
  const int half = config.headSize / 2;
  // kSafeRows more: the padding rows of a pass over the last positions are rotated too.
  const int positions = std::min(config.maxPositions, 1 << 15) + kSafeRows;
  const auto real = at::TensorOptions().dtype(at::kFloat);
  at::Tensor frequency = at::empty({half}, real);
  for (int i = 0; i < half; ++i) {
    double value = std::pow(config.ropeTheta, -2.0 * i / config.headSize);
    if (config.ropeFactor != 1) {  // Llama 3.1: long wavelengths slowed by the factor, short ones kept, a ramp between
      const double turns = config.ropeOriginalPositions * value / (2 * M_PI);
      const double ramp = (turns - config.ropeLowFrequency) / (config.ropeHighFrequency - config.ropeLowFrequency);
      const double keep = std::clamp(ramp, 0.0, 1.0);
      value = value * keep + value / config.ropeFactor * (1 - keep);
    }
    if (!config.ropeDivisors.empty()) value /= config.ropeDivisors[static_cast<std::size_t>(i)];
    frequency[i] = static_cast<float>(value);
  }
  const at::Tensor angle = at::outer(at::arange(positions, real), frequency);
  return std::make_shared<RotaryTable>(RotaryTable{angle.cos().to(device), angle.sin().to(device)});
}

void rotate(at::Tensor& x, const RotaryTable& table, const at::Tensor& positions, std::int64_t scaled, double scale) {
  if (x.is_cpu() && x.scalar_type() == at::kFloat)
    return rotateRows(x, table, positions, scaled, static_cast<float>(scale));
  rotateByTensors(x, table, positions);
  x.narrow(1, 0, scaled).mul_(scale);
}

}  // namespace polar
