#include "train/value_rule.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>

namespace polar {
namespace {

// The probability that a threshold is taken although no program gains anything. The thresholds share it, because the
// best of several is searched for (Bonferroni). Not lower: a program that gains nothing does little harm, and with 400
// questions only a gain of several points can be distinguished from none.
constexpr double kFalseRule = 0.1;

double meanOf(const std::vector<double>& gains) {
  double sum = 0;
  for (const double gain : gains) sum += gain;
  return gains.empty() ? 0 : sum / static_cast<double>(gains.size());
}

// Thresholds that make the same choices are one candidate: the largest of them.
void mergeEqual(std::vector<RuleCandidate>& candidates) {
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const RuleCandidate& a, const RuleCandidate& b) { return a.threshold > b.threshold; });
  std::vector<RuleCandidate> different;
  for (RuleCandidate& candidate : candidates)
    if (std::none_of(different.begin(), different.end(),
                     [&](const RuleCandidate& known) { return known.gains == candidate.gains; }))
      different.push_back(std::move(candidate));
  candidates = std::move(different);
}

std::string signedNumber(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%+.3f", value);
  return text;
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

}  // namespace

double certaintyOf(const std::vector<double>& gains) {
  // Two added questions, an answer won and one lost, prevent a few questions from looking certain (as Agresti and Min's
  // interval for paired shares does): 4 won of 4 that differ give 0.95, the sign test 0.94.
  const double n = static_cast<double>(gains.size()) + 2;
  double sum = 0, squares = 2;
  for (const double gain : gains) {
    sum += gain;
    squares += gain * gain;
  }
  const double mean = sum / n, deviation = std::sqrt((squares / n - mean * mean) / n);
  return 0.5 * std::erfc(-mean / deviation / std::numbers::sqrt2);
}

ChoiceRule bestRule(std::vector<RuleCandidate> candidates) {
  mergeEqual(candidates);
  ChoiceRule best;
  best.thresholds = static_cast<int>(candidates.size());
  if (candidates.empty()) return best;
  best.needed = 1 - kFalseRule / static_cast<double>(candidates.size());
  bool first = true;
  for (const RuleCandidate& candidate : candidates) {
    const double gain = meanOf(candidate.gains), certainty = certaintyOf(candidate.gains);
    const bool certain = certainty >= best.needed;
    // Certain ones come before others; certain ones are compared by gain, others by certainty.
    const bool better = certain != !best.standardOnly ? certain
                        : certain                     ? gain > best.gain
                                                      : certainty > best.certainty;
    if (!first && !better) continue;
    first = false;
    best.standardOnly = !certain;
    best.threshold = candidate.threshold;
    best.gain = gain;
    best.cost = candidate.cost;
    best.certainty = certainty;
  }
  return best;
}

std::string gainText(const ChoiceRule& rule) {
  return "gain " + signedNumber(rule.gain) + " at " + number(std::round(1000 * rule.cost) / 1000) +
         " of its layer-tokens";
}

std::string ruleText(const ChoiceRule& rule, double price) {
  const std::string on = "held-out predictions of " + std::to_string(rule.questions) + " questions in " +
                         std::to_string(rule.folds) + " folds";
  const std::string start = "price " + number(price) + ": ";
  if (rule.thresholds == 0) return start + "always standard: no threshold chooses another program on " + on;
  const std::string measured =
      gainText(rule) + ", P(gain > 0) " + number(rule.certainty) + ", needed " + number(rule.needed);
  if (rule.standardOnly)
    return start + "always standard: on " + on + " threshold " + number(rule.threshold) + " comes nearest with " +
           measured;
  return start + "threshold " + number(rule.threshold) + " of the expected gain, on " + on + ": " + measured;
}

}  // namespace polar
