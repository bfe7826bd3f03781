// Fits one network of a value model. Internal: it brings <torch/torch.h>.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "config/experiment.h"
#include "support/progress.h"
#include "support/random.h"
#include "train/value_model.h"

namespace polar {

// Questions as the value model reads them.
struct ValueRows {
  at::Tensor features, right, labels;  // [Q, F], [Q, K], [Q, K]: what is learned
  std::int64_t count() const { return features.size(0); }
  ValueRows select(const std::vector<std::int64_t>& rows) const;
};

// Of choices at price 0 with threshold 0, as executed.
struct ValueScore {
  double loss = 0, passAt1 = 0, executed = 0;
  bool betterThan(const ValueScore& other) const {
    return passAt1 != other.passAt1 ? passAt1 > other.passAt1 : loss < other.loss;
  }
};

// From probabilities [Q, K]; the loss stays 0.
ValueScore scoreChoices(const ValueModel& model, const at::Tensor& probabilities, const at::Tensor& right);

struct MemberFit {
  ValueModel& model;
  int member;
  const ValueRows &train, &validation;  // the epoch that is best on validation is kept; the last one where it is empty
  Random random;                        // of batches and dropout
};

// Leaves the best weights in the member, and returns a log line an epoch looked at. Fits of different members and models
// may run at the same time; `stop` is then asked by all.
std::string fitMember(MemberFit fit, const ValueSettings& settings, Progress& progress,
                      const std::function<bool()>& stop);

}  // namespace polar
