// Evaluators whose verdicts are known beforehand, so that searches are tested without a model.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "evaluation/evaluator.h"
#include "support/random.h"

namespace polar::testing {

class PlantedEvaluator : public ProgramEvaluator {
 public:
  using Rule = std::function<bool(const EvaluationTask&)>;
  PlantedEvaluator(int depth, Rule right) : depth_(depth), right_(std::move(right)) {}

  int depth() const override { return depth_; }
  std::vector<Evaluation> evaluate(std::span<const EvaluationTask> tasks) const override {
    std::vector<Evaluation> evaluations;
    for (const EvaluationTask& task : tasks) evaluations.push_back(evaluateOne(task));
    return evaluations;
  }
  Evaluation evaluateOne(const EvaluationTask& task) const {
    Evaluation evaluation;
    evaluation.verdict = right_(task) ? Verdict::right : Verdict::wrong;
    evaluation.answerLogprob = -static_cast<float>(task.program.executed());
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
};

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
