#include "train/principal_components.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace polar {

PrincipalComponents principalComponents(const at::Tensor& rows, std::int64_t count) {
  constexpr double kNone = 1e-10;  // of the largest variance: rounding
  const std::int64_t questions = rows.size(0), width = rows.size(1), found = std::min({count, questions, width});
  // The smaller of the two products: their eigenvalues are the same.
  const bool few = questions < width;
  const auto [ascending, vectors] =
      at::linalg_eigh((few ? at::mm(rows, rows.t()) : at::mm(rows.t(), rows)) / static_cast<double>(questions));
  const at::Tensor values = ascending.flip(0).slice(0, 0, found).clamp_min(0);
  at::Tensor directions = vectors.t().flip(0).slice(0, 0, found);
  if (few) directions = at::mm(directions, rows);
  const at::Tensor lengths = directions.square().sum(1, /*keepdim=*/true).sqrt(),
                   isThere = (values > kNone * values.max()).unsqueeze(1);
  directions = at::where(isThere, directions / lengths.clamp_min(1e-300), at::zeros_like(directions));
  const at::Tensor largest = directions.gather(1, directions.abs().argmax(1, /*keepdim=*/true));
  directions = at::where(largest < 0, -directions, directions);

  PrincipalComponents components{at::zeros({count, width}, at::kDouble), at::zeros({count}, at::kDouble)};
  components.directions.slice(0, 0, found).copy_(directions);
  components.variances.slice(0, 0, found).copy_(values * isThere.squeeze(1));
  return components;
}

}  // namespace polar
