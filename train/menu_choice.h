// A menu of programs, and how predictions of which of them are right become choices at a layer price: the program that
// gains most over the standard one, or the standard one where none gains enough. What every model of a menu has,
// whatever it predicts by.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstddef>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "program/program.h"
#include "train/value_rule.h"

namespace polar {

class TrainedFiles;

// The numbers of a tensor, row after row.
std::vector<float> floatsOf(const at::Tensor& tensor);

// What layers cost. Costs are in units of the layer-tokens of the standard program's answer.
struct Pricing {
  double price = 0;      // of such a unit, in shares of right answers
  int promptLayers = 0;  // a reading is the standard program's first ones over the prompt, and a program that begins
                         // with them goes on from there; 0: nothing of a reading is shared
};

class MenuChoice {
 public:
  // programs: the standard one of this depth first, at least two.
  MenuChoice(std::vector<Program> programs, int depth) : menu_(std::move(programs)), depth_(depth) {}

  // Menu and held-out predictions as members and tensors of a trained model's two files; InputError where they are not
  // there, are broken, or the menu has another length.
  static MenuChoice read(const TrainedFiles& files, int depth, int programs);
  void write(nlohmann::ordered_json& description, std::map<std::string, at::Tensor>& tensors) const;

  const std::vector<Program>& menu() const { return menu_; }
  int depth() const { return depth_; }

  // How programs are chosen at this price, tuned on `heldOut`: a few thresholds of the expected gain are compared with
  // the standard program for every question. That one need not read the question; the others also pay for reading, for
  // each question what the chosen program does not run anyway. Always the standard program where nothing was held out.
  ChoiceRule rule(const Pricing& pricing) const;

  // Menu indices, best first, at most k, each once, for a question that was read. Expected gain over the standard one:
  //   p − p(standard) − price · (cost − cost of the standard one), cost: answerCost and what was read in vain.
  // The best of the others comes first where its gain is above `threshold`, else the standard program; the rest follow
  // by gain. Ties go to the earlier one in the menu.
  std::vector<std::size_t> rank(const std::vector<double>& probabilities, const Pricing& pricing, double threshold,
                                std::size_t k) const;
  // The same ranking for all questions, for use without reading them: the standard program, then the others by their
  // mean gain on the held-out questions. The whole menu.
  std::vector<std::size_t> fixedRanking(double price) const;

  HeldOut heldOut;

 private:
  double answerCost(std::size_t program) const;                         // executed layers where no cost was held out
  double unsharedReading(std::size_t program, int promptLayers) const;  // what is read and the program does not run
  std::vector<std::size_t> byGain(const std::vector<double>& gains, double threshold, std::size_t k) const;
  RuleCandidate candidate(const Pricing& pricing, double threshold) const;

  std::vector<Program> menu_;
  int depth_;
};

}  // namespace polar
