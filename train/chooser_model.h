// The menu chooser: which program of a menu to run, by a softmax over the menu that is trained with the likelihood of a
// set.
//
// PoLar's predictor factorises over layers and is trained towards the average of a question's right programs. Right
// edits are many and different, so that most of them do nothing at any one layer: the most likely program of such a
// factorised distribution is the standard one, even where that is wrong. Here a program is one outcome, and the loss is
// the logarithm of the probability that falls on right programs, whichever they are: nothing is averaged.
#pragma once

#include <ATen/core/TensorBody.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "train/menu_model.h"
#include "train/score_calibration.h"

namespace polar {

struct ChooserShape {
  int depth = 0;       // D of the LLM
  int inputWidth = 0;  // of the question features
  int programs = 0;    // K, the menu's length
  int components = 0;  // C, of the features; at most inputWidth
  int rank = 1;        // r, of what the question changes
};

// fp32. logits = intercepts + programs · (interaction · z), z = components · (features − mean) / scale.
struct ChooserWeights {
  at::Tensor mean, scale;  // [inputWidth]
  at::Tensor components;   // [C, inputWidth]: principal ones, scaled so that the mean variance of z is 1
  at::Tensor intercepts;   // [K]
  at::Tensor programs;     // [K, r]
  at::Tensor interaction;  // [r, C]
  at::Tensor calibration;  // [K + 2]: ScoreCalibration
};

class ChooserModel final : public MenuModel {
 public:
  // All weights 0, for training to fill in.
  ChooserModel(const ChooserShape& shape, MenuChoice ofMenu);

  // NAME.safetensors and NAME.json of a train folder, as ProgramPredictor::load reads its two.
  static std::unique_ptr<ChooserModel> load(const std::filesystem::path& folder, const std::string& name,
                                            int expectedDepth = 0);
  void save(const std::filesystem::path& folder, const std::string& name, const std::string& extra) const;

  const ChooserShape& shape() const { return shape_; }
  int inputWidth() const override { return shape_.inputWidth; }

  // The logarithm of the softmax over the menu, in doubles: [K] or [Q, K].
  at::Tensor scores(const at::Tensor& features) const;
  // The scores, calibrated; fp32.
  at::Tensor probabilities(const at::Tensor& features) const override;

  ChooserWeights weights;

 private:
  std::map<std::string, at::Tensor> tensors() const;

  ChooserShape shape_;
};

}  // namespace polar
