// Fits the program predictor to oracle labels with the paper's losses (PoLar, Section 3.2).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "config/experiment.h"
#include "store/label_store.h"
#include "train/predictor.h"
#include "train/question_encoder.h"
#include "train/verdicts.h"

namespace polar {

struct TrainingSummary {
  int trainQuestions = 0;       // with at least one right program that the predictor can write
  int validationQuestions = 0;  // all of them
  int programs = 0;             // (question, program) pairs trained on
  int dropped = 0;              // right programs of train questions that have no canonical parse with repeats ×2
  int bestEpoch = 0;            // from 1; its weights are kept
  double bestValidation = 0;    // its pass@1; 0 without validation questions
  double seconds = 0;
};

// Trains on the examples of split "train", validates on those of split "validation", and writes predictor.safetensors,
// predictor.json and log.jsonl (one line for each epoch) into `folder`. Deterministic by `seed`: equal inputs, equal
// bytes, for any number of workers.
//
// Each question is encoded once, before the first epoch; the encodings stay in memory (4 bytes × tokens × encoder width
// each). Targets: train/targets.h. Loss of a pair (question, program): train/predictor_network.h. Loss of a batch: the
// mean over its pairs by weight, where the weights of one question's programs sum to 1, so that each question counts
// once. AdamW; the learning rate rises over `warmupSteps` and falls along a cosine to 0 (train/schedule.h). A batch is
// `batch` pairs; up to 8 pairs of one question stay together in it, because the network reads only the question and
// runs once for them. A batch is always cut into the same parts, which `workers` threads share: their number changes
// only the time.
//
// pass@1 is the share of all validation questions whose first proposed program is right when it is run
// (train/verdicts.h). Validation loss is that of the questions that have a right program that the predictor can write.
// Best epoch: train/fit.h.
//
// InputError where no train question has a right program that the predictor can write, or the loss is not finite.
// Stopped where `stop` returns true (several threads ask it, between encodings, batches and validation questions):
// the predictor of an earlier training stays as it was, and the next call starts from the beginning.
TrainingSummary trainPredictor(const std::vector<ExampleLabels>& labels, const QuestionEncoder& encoder, int depth,
                               const TrainSettings& settings, std::uint64_t seed, const std::filesystem::path& folder,
                               const RunProgram& run = {}, const std::function<bool()>& stop = {}, int workers = 1);

}  // namespace polar
