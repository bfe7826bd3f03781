// Evaluators whose verdicts are known in advance, so that searches are tested without a model.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "evaluation/evaluator.h"
#include "search/strategies.h"
#include "support/random.h"

namespace polar::testing {

class PlantedEvaluator : public ProgramEvaluator {
 public:
  using Rule = std::function<bool(const EvaluationTask&)>;
  using Logprob = std::function<double(const Program&)>;
  // The answer's log-probability is -executed layers where none is given.
  PlantedEvaluator(int depth, Rule right, Logprob logprob = {})
      : depth_(depth), right_(std::move(right)), logprob_(std::move(logprob)) {}

  int depth() const override { return depth_; }
  std::vector<Evaluation> evaluate(std::span<const EvaluationTask> tasks) const override {
    std::vector<Evaluation> evaluations;
    for (const EvaluationTask& task : tasks) evaluations.push_back(evaluateOne(task));
    return evaluations;
  }
  Evaluation evaluateOne(const EvaluationTask& task) const {
    Evaluation evaluation;
    evaluation.verdict = right_(task) ? Verdict::right : Verdict::wrong;
    evaluation.answerLogprob =
        static_cast<float>(logprob_ ? logprob_(task.program) : -static_cast<double>(task.program.executed()));
    evaluation.margin = 0.5f;
    evaluation.executed = task.program.executed();
    evaluation.unique = task.program.unique();
    evaluation.text = task.program.text() + (task.temperature > 0 ? " at seed " + std::to_string(task.seed) : "");
    evaluation.rule = "planted";
    return evaluation;
  }

 private:
  int depth_;
  Rule right_;
  Logprob logprob_;
};

// What a strategy asked for, with the verdicts; each round is answered before the next.
struct Found {
  std::vector<Candidate> asked;
  std::vector<bool> right;
  std::map<std::string, double> statistics;

  bool any() const { return std::find(right.begin(), right.end(), true) != right.end(); }
  std::size_t editsOf(std::size_t i, const EditSpace& space) const {
    return polar::editsOf(asked[i].program, space)->size();
  }
};

// The strategy of that name, whatever the options say.
inline std::unique_ptr<SearchStrategy> strategyNamed(const std::string& name, StrategyOptions options) {
  options.strategy = name;
  return makeStrategy(options);
}

inline Found runSearch(const std::string& name, const StrategyOptions& options, const PlantedEvaluator& evaluator) {
  const auto strategy = strategyNamed(name, options);
  Example question;
  question.id = "q";
  Found found;
  for (auto asked = strategy->ask(32); !asked.empty(); asked = strategy->ask(32))
    for (const Candidate& candidate : asked) {
      const Evaluation evaluation = evaluator.evaluateOne({&question, candidate.program});
      strategy->tell(found.asked.size(), candidate.program, evaluation);
      found.asked.push_back(candidate);
      found.right.push_back(evaluation.right());
    }
  found.statistics = strategy->statistics();
  return found;
}

inline bool skips(const Program& program, LayerIndex layer) {
  const auto layers = program.layers();
  return std::find(layers.begin(), layers.end(), layer) == layers.end();
}

// 12 layers. One program is right: layer 3 skipped and layer 7 run twice, one of some 12,000 with two edits. The
// answer's log-probability rises by a nat for each of the two and falls by 0.4 for every other layer that is changed.
inline PlantedEvaluator twoEditWorld() {
  const auto right = [](const EvaluationTask& task) { return task.program.text() == "0-2,4-7,7-11"; };
  return PlantedEvaluator(12, right, [](const Program& program) {
    double logprob = -4;
    std::vector<int> passes(12, 0);
    for (const LayerIndex layer : program.layers()) ++passes[layer];
    for (std::size_t layer = 0; layer < 12; ++layer) {
      const int wanted = layer == 3 ? 0 : layer == 7 ? 2 : 1;
      if (layer == 3 || layer == 7) logprob += passes[layer] == wanted;
      if (passes[layer] != wanted && passes[layer] != 1) logprob -= 0.4;
    }
    return logprob;
  });
}

// Seeds 1 … 20 at which the strategy finds a right program.
inline int seedsThatFind(const std::string& name, StrategyOptions options, const PlantedEvaluator& evaluator) {
  int found = 0;
  for (options.seed = 1; options.seed <= 20; ++options.seed) found += runSearch(name, options, evaluator).any();
  return found;
}

// Right on about a third of all (example, program, seed), by hash.
inline bool hashedVerdict(const EvaluationTask& task) {
  return Random(task.seed, task.example->id + "|" + task.program.text()).below(3) == 0;
}

inline Example example(const std::string& id) {
  Example made;
  made.id = id;
  made.question = "How many are " + id + " and one?";
  made.answer = "2";
  return made;
}

}  // namespace polar::testing
