// How predictions of a menu become choices at a layer price: the least expected gain at which a program other
// than the standard one is chosen, or the standard program for every question. Plain values, no torch.
#pragma once

#include <string>
#include <vector>

namespace polar {

// What a rule is tuned on: for every labelled question the predictions of a model that was fitted to the other folds
// (parts of the questions), and the verdicts of running the programs.
struct HeldOut {
  std::vector<float> probability, right;  // [Q, K]
  int folds = 0;
  double readingCost = 0;  // layer-tokens of reading a question, as a share of those of the standard program's answer
  std::vector<double> answerCost = {};  // [K]: the same of a program's answer, prefill and decoding, on average
};

struct ChoiceRule {
  bool standardOnly = true;  // no question is read
  double threshold = 0;      // else: of the expected gain (MenuChoice::rank)
  // Of this threshold; where standardOnly, of the one that came nearest:
  double gain = 0;       // over always standard, mean over held-out questions: right answers minus price × cost
  double cost = 1;       // layer-tokens, choosing included, in units of the standard program's
  double certainty = 0;  // P(gain > 0)
  double needed = 1;     // of certainty
  int thresholds = 0;    // compared, without those that choose the same as another
  int questions = 0, folds = 0;
};

// One threshold, and what choosing by it gains on each held-out question.
struct RuleCandidate {
  double threshold = 0;
  std::vector<double> gains;
  double cost = 1;  // as ChoiceRule::cost
};

// A threshold that chooses the standard program for every question is no candidate. Of the candidates whose gain is
// certain enough, the one that gains most, the largest threshold of equal ones; where there is none, always standard.
ChoiceRule bestRule(std::vector<RuleCandidate> candidates);

// Probability that the mean gain is above 0, by the normal approximation.
double certaintyOf(const std::vector<double>& gains);

// "gain +0.021 at 0.97 of its layer-tokens": the standard program's.
std::string gainText(const ChoiceRule& rule);

// "price 0.8: threshold 0.02 of the expected gain, on held-out predictions of 400 questions in 5 folds: gain +0.021
// at 0.97 of its layer-tokens, P(gain > 0) 0.993, needed 0.975"; or "price 0: always standard: …".
std::string ruleText(const ChoiceRule& rule, double price);

}  // namespace polar
