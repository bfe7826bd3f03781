#include "eval/policies/plan_judgement.h"

#include <algorithm>
#include <sstream>

#include "train/value_table.h"

namespace polar {

ChoiceRule judgePlan(const RunTable& table, const std::vector<ExampleLabels>& labels, int folds, double price,
                     const TunePlan& tune) {
  RuleCandidate candidate;
  double cost = 0, standardCost = 0;
  for (int part = 0; part < folds; ++part) {
    std::vector<std::size_t> own, others;
    for (std::size_t q = 0; q < labels.size(); ++q)
      (foldOf(labels[q].example, folds) == static_cast<std::size_t>(part) ? own : others).push_back(q);
    if (own.empty() || others.empty()) continue;
    const Utility utility{price, table.meanStandardCost(others)};
    const TunedPlan plan = tune(others, utility);
    for (const std::size_t q : own) {
      const PlannedAnswer answer = plan(q);
      const double standard = table.standardCost(q);
      candidate.gains.push_back(utility.of(answer.right, answer.cost) -
                                utility.of(table.cell(table.standard(), q).right, standard));
      cost += answer.cost;
      standardCost += standard;
    }
  }
  candidate.cost = cost / std::max(1.0, standardCost);
  std::vector<RuleCandidate> candidates;
  if (std::ranges::any_of(candidate.gains, [](double gain) { return gain != 0; }))
    candidates.push_back(std::move(candidate));
  ChoiceRule rule = bestRule(std::move(candidates));
  rule.questions = static_cast<int>(labels.size());
  rule.folds = folds;
  return rule;
}

std::string judgementText(const ChoiceRule& rule) {
  if (rule.thresholds == 0) return "no plan differs from it";
  std::ostringstream text;
  text.precision(3);
  text << "out-of-fold " << gainText(rule) << " on " << rule.questions << " labelled questions (" << rule.folds
       << " folds, P(gain > 0) " << rule.certainty << ", needs " << rule.needed << ")";
  return text.str();
}

}  // namespace polar
