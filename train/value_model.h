// The value model: P(right | question, program) for the programs of a menu. A layer price turns it into choices: the
// program that gains most over the standard one, or the standard one where none gains enough.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "program/program.h"
#include "train/value_rule.h"

namespace polar {

struct ValueShape {
  int depth = 0;       // D of the LLM
  int inputWidth = 0;  // of the question features
  int programs = 0;    // K, the menu's length
  int width = 256;     // of the hidden layers
  int members = 1;     // networks whose probabilities are averaged
  double dropout = 0.3;
};

struct ValueNetwork;

// Thread-safe for asking; training mutates it.
class ValueModel {
 public:
  // Fresh weights, a pure function of (shape, seed). menu: the standard program first, K in all.
  ValueModel(const ValueShape& shape, std::vector<Program> menu, std::uint64_t seed);
  ~ValueModel();

  // value.safetensors and value.json of a train folder, as ProgramPredictor::load reads its two.
  static std::unique_ptr<ValueModel> load(const std::filesystem::path& folder, int expectedDepth = 0);
  void save(const std::filesystem::path& folder, const std::string& extra) const;

  const ValueShape& shape() const { return shape_; }
  const std::vector<Program>& menu() const { return menu_; }
  std::int64_t parameters() const;

  // [K], from question features [inputWidth] (InputError on another width); or [Q, K] from [Q, inputWidth].
  at::Tensor probabilities(const at::Tensor& features) const;

  // How programs are chosen at this price, tuned on `heldOut`: a few thresholds of the expected gain are compared with
  // the standard program for every question. That one need not read the question; the others also pay price ×
  // readingCost, for each question the share of it that the chosen program does not run anyway: where a reading is the
  // standard program's first `promptLayers` over the prompt, all but those that the program begins with; else (0) the
  // whole. Always the standard program where nothing was held out.
  ChoiceRule rule(double price, int promptLayers = 0) const;

  // Menu indices, best first, at most k, each once. Expected gain of a program over the standard one:
  //   p − p(standard) − price · (executed layers − depth) / depth.
  // The best of the others comes first where its gain is above `threshold`, else the standard program; the rest follow
  // by gain. Ties go to the earlier one in the menu.
  std::vector<std::size_t> rank(const std::vector<double>& probabilities, double price, double threshold,
                                std::size_t k) const;
  // The same ranking for all questions, for use without reading them: the standard program, then the others by their
  // mean gain on the held-out questions. The whole menu.
  std::vector<std::size_t> fixedRanking(double price) const;

  ValueNetwork& member(int index) const { return *members_[static_cast<std::size_t>(index)]; }
  const at::Tensor& edits() const { return edits_; }  // [K, depth + 2]
  HeldOut heldOut;

 private:
  double layerCost(std::size_t program, double price) const;  // beyond the standard program's
  double unshared(std::size_t program, int promptLayers) const;  // of a reading, the share beyond the program's run
  RuleCandidate candidate(double price, double threshold, int promptLayers) const;

  ValueShape shape_;
  std::vector<Program> menu_;
  at::Tensor edits_;
  std::vector<std::unique_ptr<ValueNetwork>> members_;
};

}  // namespace polar
