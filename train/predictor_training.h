// The epochs of the predictor's training, and its look at validation. Internal: it brings <torch/torch.h>.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "config/experiment.h"
#include "train/encoded_set.h"
#include "train/fit.h"
#include "train/predictor.h"
#include "train/verdicts.h"
#include "train/workers.h"

namespace polar {

struct PredictorFit {
  ProgramPredictor& predictor;
  const EncodedSet &train, &validation;  // `train`: at least one pair
  std::uint64_t seed = 0;                // of batches and dropout
};

// Leaves the weights of the best epoch in the predictor. Writes `log`, a line an epoch, after each epoch.
BestEpoch fitPredictor(const PredictorFit& parts, const TrainSettings& settings, const std::filesystem::path& log,
                       const RunProgram& run, const Workers& workers, const std::function<bool()>& stop);

}  // namespace polar
