// Fits the value model to oracle labels, both right and wrong ones.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "config/experiment.h"
#include "store/label_store.h"
#include "train/question_features.h"
#include "train/value_model.h"

namespace polar {

struct ValueSummary {
  int trainQuestions = 0, validationQuestions = 0;
  int programs = 0;                  // of the menu
  double standardPassAt1 = 0;        // of the standard program on validation
  double passAt1 = 0, executed = 0;  // of the model's choices there, at price 0 with threshold 0
  std::string rule;                  // how it chooses at price 0 (ruleText)
  double seconds = 0;
};

// The menu is every program that the labels have for all questions (train/value_table.h). Each member is trained on the
// questions of split "train" with binary cross-entropy over all (question, program) pairs, AdamW, and a learning rate
// that falls along a cosine to 0. A verdict is a noisy label (an answer that is almost right counts as wrong), so
// `softness` mixes it with the probability of the reference answer. After every `evaluateEvery` epochs the member's
// choices at price 0 are looked up in the labels of split "validation", which are the verdicts of running them. The
// weights of the best epoch are kept (train/fit.h).
//
// Thresholds are tuned on other predictions: the questions of both splits are cut into `settings.folds` folds, and for
// each fold a model is fitted in the same way to the other folds, and predicts this one (MenuChoice::heldOut). So the
// model that predicts a question knows nothing of it, not even when to stop.
//
// Writes value.safetensors, value.json, value_log.jsonl (a line for each look at validation) and calibration.json
// (held-out predictions, all programs) into `folder`. Deterministic by `seed`: equal inputs, equal bytes, for any
// number of `workers`.
//
// InputError where there is no question to train on or the loss is not finite. Stopped where `stop` returns true; the
// workers ask it at the same time.
ValueSummary trainValueModel(const std::vector<ExampleLabels>& labels, const QuestionFeatures& features, int depth,
                             const TrainSettings& settings, std::uint64_t seed, const std::filesystem::path& folder,
                             const std::function<bool()>& stop = {}, int workers = 1);

}  // namespace polar
