// Fits the program predictor to oracle labels with the paper's losses.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "config/experiment.h"
#include "store/label_store.h"
#include "train/predictor.h"
#include "train/question_encoder.h"

namespace polar {

struct TrainingSummary {
  int trainQuestions = 0, validationQuestions = 0;  // with at least one valid program
  int programs = 0;                                 // (question, program) pairs trained on
  int dropped = 0;                                  // valid programs that have no canonical parse with repeats ×2
  int bestEpoch = 0;
  double bestValidation = 0;
  double seconds = 0;
};

// Trains on the examples of split "train", watches split "validation", and writes predictor.safetensors,
// predictor.json and log.jsonl (a line per epoch) into `folder`. Deterministic by `seed`.
TrainingSummary trainPredictor(const std::vector<ExampleLabels>& labels, const QuestionEncoder& encoder, int depth,
                               const TrainSettings& settings, std::uint64_t seed, const std::filesystem::path& folder,
                               const std::function<bool()>& stop = {});

}  // namespace polar
