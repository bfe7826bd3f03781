// What the trainings of menu models have in common: labelled questions as they read them, folds, held-out predictions.
// Internal to train/.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "train/fit.h"
#include "train/menu_choice.h"
#include "train/question_features.h"
#include "train/value_table.h"
#include "train/workers.h"

namespace polar {

// All labelled questions that are used: first those to train on, then those of validation.
struct LabelledMenu {
  ValueTable table;
  at::Tensor features, right;  // [Q, F], [Q, K]
  std::int64_t trainCount = 0;
  double layerTokens = 0;  // of reading one, on average

  std::int64_t count() const { return features.size(0); }
};

// name: "value", in messages. most: train questions, the first; 0: all. InputError where there is none.
LabelledMenu readLabelled(const std::vector<ExampleLabels>& labels, const std::vector<Program>& menu,
                          const QuestionFeatures& features, std::int64_t most, const std::string& name,
                          const Workers& workers, const std::function<bool()>& stop);

// Rows of the questions to train on, to choose the best epoch by, and to predict.
struct Fold {
  std::vector<std::int64_t> train, validation, heldOut;
};

// Each question is held out once (foldOf). A fold without questions to predict or without others to train on is left
// out.
std::vector<Fold> makeFolds(const LabelledMenu& labelled, int count);

// What models that were fitted to the other folds predict for each fold. predict: of the fold's questions, [Q, K].
HeldOut predictHeldOut(const LabelledMenu& labelled, const std::vector<Fold>& folds,
                       const std::function<at::Tensor(std::size_t fold)>& predict);

// How well calibrated the held-out predictions are, of all programs.
void writeCalibration(const std::filesystem::path& file, const HeldOut& heldOut);

// Of the choices at price 0 with threshold 0, from probabilities [Q, K] and verdicts [Q, K]; without a loss.
ValidationScore scoreChoices(const MenuChoice& choice, const at::Tensor& probabilities, const at::Tensor& right);

at::Tensor rowsOf(const at::Tensor& tensor, const std::vector<std::int64_t>& rows);

}  // namespace polar
