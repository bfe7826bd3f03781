// Fits the menu chooser to labels: to which programs of the menu are right, or to another target.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "config/experiment.h"
#include "store/label_store.h"
#include "train/chooser_model.h"
#include "train/question_features.h"

namespace polar {

// Which programs count as valid on a question: [K], 1 or 0. Threads call it at the same time.
using MenuTarget = std::function<std::vector<float>(const ExampleLabels& question, const std::vector<Program>& menu)>;

struct ChooserKind {
  std::string name = "chooser";  // of its files
  MenuTarget target = {};        // none: the programs whose answer is right
};

struct ChooserSummary {
  int questions = 0, teaching = 0;   // labelled ones; those with a valid program
  int programs = 0;                  // of the menu
  double penalty = 0;                // the chosen one
  double standardPassAt1 = 0;        // of the standard program on all labelled questions
  double passAt1 = 0, executed = 0;  // of held-out choices there, at price 0 with threshold 0
  std::string rule;                  // how it chooses at price 0 (ruleText)
  double seconds = 0;
};

// The menu is that of the value model (train/value_table.h). The model is small and nearly convex, so nothing is
// stopped early: all labelled questions, of train and validation, are fitted at once (train/chooser_fit.h).
//
// Thresholds are tuned as the value model's: the questions are cut into `settings.folds` folds, and each fold is
// predicted by a model that was fitted to the others, with a calibration (train/score_calibration.h) that was fitted to
// the predictions for the others. They are tuned on which answers are right, whatever the target is.
//
// The penalty is the one of `penalties` with the least loss on folds that were not fitted to, the largest of equal
// ones. The one of a fold's model is chosen in the same way within the other folds, so that its scores know nothing of
// the fold.
//
// Writes NAME.safetensors, NAME.json and NAME_calibration.json (held-out predictions, all programs) into `folder`.
// Deterministic by `seed`, for any number of `workers`. Errors and `stop` as trainValueModel.
ChooserSummary trainChooser(const std::vector<ExampleLabels>& labels, const QuestionFeatures& features, int depth,
                            const TrainSettings& settings, std::uint64_t seed, const std::filesystem::path& folder,
                            const ChooserKind& kind = {}, const std::function<bool()>& stop = {}, int workers = 1);

}  // namespace polar
