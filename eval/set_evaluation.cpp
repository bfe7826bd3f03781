#include "eval/set_evaluation.h"

#include <tbb/parallel_for.h>
#include <tbb/partitioner.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <span>
#include <stdexcept>

#include "eval/answer_time.h"
#include "support/error.h"
#include "support/progress.h"

namespace polar {
namespace {

// What all policies ask to be run on one example, each program once.
struct Plan {
  std::vector<EvaluationTask> tasks;
  std::vector<std::vector<std::size_t>> ranks;  // per policy: indices into tasks, rank order
};

Plan planExample(const Example& example, const std::vector<std::unique_ptr<Policy>>& policies, int topK) {
  Plan plan;
  for (const auto& policy : policies) {
    const std::vector<Program> programs = policy->rank(example, topK);
    if (programs.empty() || programs.size() > static_cast<std::size_t>(topK))
      throw std::logic_error("policy '" + policy->name() + "' ranked " + std::to_string(programs.size()) + " programs");
    std::vector<std::size_t> indices;
    for (const Program& program : programs) {
      const auto known = std::find_if(plan.tasks.begin(), plan.tasks.end(),
                                      [&](const EvaluationTask& task) { return task.program == program; });
      const auto index = static_cast<std::size_t>(known - plan.tasks.begin());
      if (known == plan.tasks.end()) plan.tasks.push_back({&example, program, 0, 0});
      if (std::find(indices.begin(), indices.end(), index) != indices.end())
        throw std::logic_error("policy '" + policy->name() + "' ranked a program twice");
      indices.push_back(index);
    }
    plan.ranks.push_back(std::move(indices));
  }
  return plan;
}

Trial trialOf(const Program& program, const Evaluation& evaluation) {
  return {program.text(),     evaluation.verdict, evaluation.executed,
          evaluation.unique,  evaluation.text,    evaluation.prefillLayerTokens,
          evaluation.decodeLayerTokens};
}

// One row per policy.
std::vector<Row> runExample(const Example& example, const std::vector<std::unique_ptr<Policy>>& policies,
                            const ProgramEvaluator& evaluator, int topK) {
  const Plan plan = planExample(example, policies, topK);
  const std::vector<Evaluation> evaluations = evaluator.evaluate(plan.tasks);
  if (evaluations.size() != plan.tasks.size()) throw std::logic_error("evaluator: one evaluation a task expected");
  std::vector<Row> rows;
  for (std::size_t p = 0; p < policies.size(); ++p) {
    Row row{example.id, example.level, {}, policies[p]->choosingLayerTokens(example)};
    for (const std::size_t index : plan.ranks[p])
      row.trials.push_back(trialOf(plan.tasks[index].program, evaluations[index]));
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

SetResult evaluateSet(const std::string& name, bool inDistribution, const std::vector<Example>& examples,
                      std::int64_t available, const std::vector<std::unique_ptr<Policy>>& policies,
                      const ProgramEvaluator& evaluator, const SetEvaluationOptions& options,
                      const std::function<bool()>& stop) {
  SetResult set{name, inDistribution, evaluator.depth(), available, {}};
  for (const auto& policy : policies)
    set.policies.push_back({policy->name(), policy->usesAnswer(), std::vector<Row>(examples.size())});

  Progress progress("eval " + name, "questions", examples.size());
  std::atomic<bool> stopped = false;
  std::atomic<std::size_t> done = 0;
  std::mutex asking;
  const auto runOne = [&](std::size_t i) {
    {
      const std::lock_guard lock(asking);
      if (!stopped && stop && stop()) stopped = true;
    }
    if (stopped) return;
    std::vector<Row> rows = runExample(examples[i], policies, evaluator, options.topK);
    for (std::size_t p = 0; p < rows.size(); ++p) set.policies[p].rows[i] = std::move(rows[p]);
    ++done;
    progress.advance(1);
  };
  tbb::task_arena arena(std::max(1, options.workers));
  arena.execute([&] { tbb::parallel_for(std::size_t{0}, examples.size(), runOne, tbb::simple_partitioner()); });
  if (stopped)
    throw Stopped("eval " + name + " stopped after " + std::to_string(done) + " of " + std::to_string(examples.size()) +
                  " questions; the same command starts this set again");
  measureAnswerTimes(set, examples, policies, evaluator, options.topK, options.timedQuestions,
                     stop);
  return set;
}

}  // namespace polar
