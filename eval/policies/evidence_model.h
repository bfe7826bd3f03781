// How likely an answer is right, from the answer and from those beside it: no look at the question.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "eval/policies/cascade_plan.h"
#include "eval/policies/run_table.h"

namespace polar {

// What a run of a program shows.
struct RunEvidence {
  std::size_t program = 0;  // place in the menu
  float margin = 0;
  std::size_t length = 0;  // of the text, in bytes
  AnswerForm form = AnswerForm::none;
  int party = -1;  // runs of the same answer have the same number; -1: none
};

// P(right) = sigmoid(w · inputs). Inputs: the program; where margin and length lie among those that the same
// program has on labelled questions; the form of the answer; how many of the other runs agree with it, how many
// do not, and how many agree where it is a positive whole number (that wrong forms agree says little).
class EvidenceModel {
 public:
  EvidenceModel() = default;
  // Logistic regression on these questions of the table, with each program's answer among none, one, two and
  // four others (drawn by the question and the program alone). A program's own part is drawn to that of all.
  EvidenceModel(const RunTable& table, const std::vector<std::size_t>& questions);

  // Of each of these runs, all of one question.
  std::vector<double> probabilities(std::span<const RunEvidence> runs) const;

 private:
  enum { kMargin, kLength, kNone, kWhole, kNumber, kAgree, kDisagree, kAgreeWhole, kInputs };
  using Inputs = std::array<double, kInputs>;

  Inputs inputs(const RunEvidence& run, int agree, int disagree) const;

  std::vector<MarginRanks> margins_, lengths_;  // of each program
  std::vector<double> programs_;                // its part of the log odds
  Inputs weights_ = {};
};

RunEvidence evidenceOf(const RunTable& table, std::size_t program, std::size_t question);

// The run that is likeliest right, the first of equals, and its probability. `runs`: at least one.
struct LikeliestRun {
  std::size_t place = 0;
  double probability = 0;
};
LikeliestRun likeliest(const EvidenceModel& model, std::span<const RunEvidence> runs);

}  // namespace polar
