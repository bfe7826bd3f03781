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

namespace polar {

struct TrainingSummary {
  int trainQuestions = 0;       // with at least one right program that the predictor can write
  int validationQuestions = 0;  // all of them
  int programs = 0;                                 // (question, program) pairs trained on
  int dropped = 0;            // right programs of train questions that have no canonical parse with repeats ×2
  int bestEpoch = 0;          // from 1; its weights are kept
  double bestValidation = 0;  // its pass@1; 0 without validation questions
  double seconds = 0;
};

// Whether a program answers a question: runs it. Threads call it at the same time.
using RunProgram = std::function<bool(const Example&, const Program&)>;

// Trains on the examples of split "train", watches split "validation", and writes predictor.safetensors,
// predictor.json and log.jsonl (a line per epoch) into `folder`. Deterministic by `seed`: equal inputs, equal bytes, for any
// number of workers.
//
// Each question is encoded once, up front; the encodings stay in memory (4 bytes × tokens × encoder width each).
// Targets: train/targets.h. Loss of a pair (question, program): train/predictor_network.h. Loss of a batch: the mean
// over its pairs by weight, where the weights of one question's programs sum to 1, so that each question counts once.
// AdamW; the learning rate rises over `warmupSteps` and falls along a cosine to 0. A batch is `batch` pairs; up to 8
// pairs of one question stay together in it, because the network reads the question alone and is run once for them. A
// batch is always cut into the same parts, which `workers` threads share: their number changes nothing but the time.
//
// pass@1 is the share of all validation questions whose first proposed program is right when it is run: as the labels
// say, which were made by running it, else by `run` (each question and program once); without `run` a program that was
// never labelled counts as not right. Validation loss is that of the questions that have a right program to be written.
// Best epoch: higher pass@1, then lower validation loss, then earlier; without validation questions the last one. Never by
// loss first: that rewards the collapse to the standard program.
//
// InputError where no train question has a right program the predictor can write, or the loss stops being finite.
// Stopped where `stop` answers true (asked between encodings, batches and validation questions, by several threads): a
// predictor from before stays as it was, and the next call starts anew.
TrainingSummary trainPredictor(const std::vector<ExampleLabels>& labels, const QuestionEncoder& encoder, int depth,
                               const TrainSettings& settings, std::uint64_t seed, const std::filesystem::path& folder,
                               const RunProgram& run = {}, const std::function<bool()>& stop = {}, int workers = 1);

}  // namespace polar
