// Labels as a table for models of a menu: questions × the programs of a menu. Plain values, no torch.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "program/program.h"
#include "store/label_store.h"

namespace polar {

// The programs that were run on every question of the labels: the standard program first, then by fewer executed
// layers, then by text form. Temperature samples are no programs. InputError naming `who` where there is none besides
// the standard one.
std::vector<Program> commonMenu(const std::vector<ExampleLabels>& labels, int depth,
                                const std::string& who = "value model");

// Edit features of a program: for each layer how often it runs, minus one; then executed and unique layers as shares of
// the depth, minus one. All 0 for the standard program. Length: depth + 2.
std::vector<float> editFeatures(const Program& program, int depth);

struct ValueTable {
  std::vector<Program> menu;                    // [K], the standard program first
  std::vector<const ExampleLabels*> questions;  // [Q]
  std::vector<float> right;                     // [Q, K]: 1 right, 0 wrong or undecided
  std::vector<float> probability;               // [Q, K]: of the reference answer; `right` where it was not scored
};

// The first `most` questions (0: all) of one split, in the order of `labels`, which must outlive the result.
ValueTable valueTable(const std::vector<ExampleLabels>& labels, const std::string& split,
                      const std::vector<Program>& menu, std::int64_t most = 0);

// Which of `folds` parts a question belongs to. Its text alone decides, so that repeats of a question are in the same
// part, and the other questions do not matter.
std::size_t foldOf(const Example& example, int folds);

// Layer-tokens of each program's answers, in units of those of the first program's; empty where the labels do not have
// them.
std::vector<double> answerCosts(const std::vector<const ExampleLabels*>& questions, const std::vector<Program>& menu);

// Layer-tokens of one reading of a question, as a share of those of the standard program's answers, on average; 1 where
// the labels do not have them.
double shareOfAnswer(double layerTokens, const std::vector<ExampleLabels>& labels, int depth);

}  // namespace polar
