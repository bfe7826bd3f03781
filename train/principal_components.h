// Principal components of rows of numbers.
#pragma once

#include <ATen/core/TensorBody.h>

namespace polar {

struct PrincipalComponents {
  at::Tensor directions;  // [C, F], orthonormal, by falling variance; the largest number of each (by size) is positive
  at::Tensor variances;   // [C]
};

// rows: [Q, F] in doubles, of mean 0. `count` of them, at most F. Where the rows have fewer, the others are 0.
PrincipalComponents principalComponents(const at::Tensor& rows, std::int64_t count);

}  // namespace polar
