// Fits one network of a value model. Internal to train/.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "config/experiment.h"
#include "support/progress.h"
#include "support/random.h"
#include "train/fit.h"
#include "train/value_model.h"

namespace polar {

// Questions as the value model reads them.
struct ValueRows {
  at::Tensor features, right, labels;  // [Q, F], [Q, K], [Q, K]: what is learned
  std::int64_t count() const { return features.size(0); }
  ValueRows select(const std::vector<std::int64_t>& rows) const;
};

struct MemberFit {
  ValueModel& model;
  int member;
  const ValueRows &train, &validation;  // validation: maybe empty
  Random random;                        // of batches and dropout
};

// Leaves the weights of the best epoch in the member. Returns the log: a line for each look at validation. Different
// members may be fitted at the same time; all of them ask `stop`.
std::string fitMember(const MemberFit& parts, const ValueSettings& settings, Progress& progress,
                      const std::function<bool()>& stop);

}  // namespace polar
