#include "eval/policies/tuning.h"

#include <algorithm>
#include <set>

#include "evaluation/evaluator.h"
#include "support/error.h"
#include "train/workers.h"

namespace polar {
namespace {

constexpr std::size_t kQuestions = 100;

// The programs that any setting chooses for one question and that answer it.
std::set<Program> rightPrograms(const ProgramEvaluator& evaluator, const Example& question,
                                const std::set<Program>& chosen) {
  std::vector<EvaluationTask> tasks;
  for (const Program& program : chosen) tasks.push_back({&question, program});
  const std::vector<Evaluation> evaluations = evaluator.evaluate(tasks);
  std::set<Program> right;
  for (std::size_t i = 0; i < tasks.size(); ++i)
    if (evaluations[i].right()) right.insert(tasks[i].program);
  return right;
}

}  // namespace

std::vector<const Example*> tuningQuestions(const PolicyContext& context) {
  if (!context.labels || context.labels->empty())
    throw InputError(context.where(), "no oracle labels", "labelled questions to tune it on", "run polar search");
  const auto first = [&](const std::string& split) {
    std::vector<const Example*> questions;
    for (const ExampleLabels& labels : *context.labels)
      if (labels.split == split && questions.size() < kQuestions) questions.push_back(&labels.example);
    return questions;
  };
  const std::vector<const Example*> validation = first("validation");
  return validation.empty() ? first("train") : validation;
}

Tuned tune(const PolicyContext& context, const std::vector<const Example*>& questions,
           const std::vector<std::vector<Program>>& chosen) {
  std::vector<std::set<Program>> right(questions.size());
  Workers(context.workers).run(questions.size(), [&](std::size_t question) {
    std::set<Program> programs;
    for (const auto& programsOf : chosen) programs.insert(programsOf[question]);
    right[question] = rightPrograms(*context.evaluator, *questions[question], programs);
  });

  Tuned best{0, chosen.size(), questions.size(), -1};
  std::int64_t fewest = 0;
  for (std::size_t setting = 0; setting < chosen.size(); ++setting) {
    std::int64_t rights = 0, layers = 0;
    for (std::size_t question = 0; question < questions.size(); ++question) {
      rights += right[question].contains(chosen[setting][question]) ? 1 : 0;
      layers += chosen[setting][question].executed();
    }
    if (rights < best.right || (rights == best.right && layers >= fewest)) continue;
    best.setting = setting;
    best.right = rights;
    fewest = layers;
  }
  return best;
}

std::string Tuned::inWords() const {
  return "right on " + std::to_string(right) + " of " + std::to_string(questions) +
         " labelled questions, the best of " + std::to_string(settings) + " settings";
}

}  // namespace polar
