// Which programs run until an answer looks right.
#pragma once

#include <string>
#include <vector>

#include "eval/policies/evidence_model.h"
#include "eval/policy.h"
#include "store/label_store.h"
#include "train/value_rule.h"

namespace polar {

// Programs run in their order until the likeliest answer of all so far is right with
// a probability of at least `enough`, or none is left. That answer is given.
struct EvidencePlan {
  std::vector<Program> programs;    // at least one
  std::vector<std::size_t> places;  // of each in the model's menu
  double enough = 0;
  EvidenceModel model = {};

  // For the runs so far, in their order.
  LikeliestRun kept(const Example& example, bool boxOpen, const std::vector<Outcome>& ran) const;
};

// The plan with the highest utility on the labelled questions: right answers minus `price` × total layer-tokens in
// units of the standard program's answer. Programs are added greedily, from each of those that are best alone;
// always the standard program where no plan brings a sure gain, measured out of fold (judgePlan).
struct ChosenEvidence {
  EvidencePlan plan;
  ChoiceRule rule;  // threshold unused
  double price = 0;

  std::string inWords() const;
};

// At most `votes` runs. InputError as menuTable.
ChosenEvidence chooseEvidence(const std::vector<ExampleLabels>& labels, int depth, int folds, int votes, bool boxOpen,
                              double price, const std::string& who);

}  // namespace polar
