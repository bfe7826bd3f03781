#include "eval/set_evaluation.h"

#include <tbb/parallel_for.h>
#include <tbb/partitioner.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <iterator>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>

#include "eval/answer_time.h"
#include "eval/set_journal.h"
#include "support/error.h"
#include "support/progress.h"

namespace polar {
namespace {

using Policies = std::vector<std::unique_ptr<Policy>>;

// What policies ask to be run on one example, each choice once.
class Plan {
 public:
  explicit Plan(const Example& example) : example_(example) {}

  // Index into tasks().
  std::size_t add(const Choice& choice) {
    const auto known = std::find(choices_.begin(), choices_.end(), choice);
    if (known != choices_.end()) return static_cast<std::size_t>(known - choices_.begin());
    choices_.push_back(choice);
    tasks_.push_back({&example_, choice.program, choice.temperature, choice.seed});
    return tasks_.size() - 1;
  }

  // Runs what was added since the last call.
  void run(const ProgramEvaluator& evaluator) {
    const std::span<const EvaluationTask> open = std::span(tasks_).subspan(evaluations_.size());
    if (open.empty()) return;
    std::vector<Evaluation> evaluations = evaluator.evaluate(open);
    if (evaluations.size() != open.size()) throw std::logic_error("evaluator: one evaluation a task expected");
    std::move(evaluations.begin(), evaluations.end(), std::back_inserter(evaluations_));
  }

  const Example& example() const { return example_; }
  const Evaluation& evaluation(std::size_t index) const { return evaluations_[index]; }
  const Program& program(std::size_t index) const { return tasks_[index].program; }
  Trial trial(std::size_t index) const {
    const Evaluation& evaluation = evaluations_[index];
    return {tasks_[index].program.text(), evaluation.verdict,           evaluation.executed, evaluation.unique,
            evaluation.text,              evaluation.prefillLayerTokens, evaluation.decodeLayerTokens};
  }

 private:
  const Example& example_;
  std::vector<Choice> choices_;
  std::vector<EvaluationTask> tasks_;
  std::vector<Evaluation> evaluations_;
};

std::vector<std::size_t> addChoices(Plan& plan, const Policy& policy, const Example& example, int topK) {
  const std::vector<Choice> choices = policy.choices(example, topK);
  if (choices.empty() || choices.size() > static_cast<std::size_t>(topK))
    throw std::logic_error("policy '" + policy.name() + "' ranked " + std::to_string(choices.size()) + " programs");
  std::vector<std::size_t> indices;
  for (const Choice& choice : choices) {
    indices.push_back(plan.add(choice));
    if (std::count(indices.begin(), indices.end(), indices.back()) > 1)
      throw std::logic_error("policy '" + policy.name() + "' ranked a program twice");
  }
  return indices;
}

Outcome outcomeOf(const Evaluation& evaluation) { return {evaluation.margin, evaluation.text}; }

// Prefill of several runs on one prompt: the layers that their programs begin with alike run once.
std::int64_t sharedPrefill(const Plan& plan, const std::vector<std::size_t>& runs) {
  std::vector<Program> programs;
  std::int64_t promptTokens = 0;
  for (const std::size_t index : runs) {
    const Evaluation& evaluation = plan.evaluation(index);
    programs.push_back(plan.program(index));
    if (evaluation.executed > 0) promptTokens = evaluation.prefillLayerTokens / evaluation.executed;
  }
  return distinctLayers(std::move(programs)) * promptTokens;
}

// The trial of several runs, of which one answer is kept. Executed layers are the sum over the runs; a choice that is
// asked for twice is one run.
Trial allRun(const Plan& plan, const Policy& policy, const std::vector<std::size_t>& runs) {
  std::vector<Outcome> ran;
  for (const std::size_t index : runs) ran.push_back(outcomeOf(plan.evaluation(index)));
  const std::size_t kept = policy.kept(plan.example(), ran);
  if (kept >= runs.size()) throw std::logic_error("policy '" + policy.name() + "' keeps an answer that was not run");
  Trial trial = plan.trial(runs[kept]);
  trial.prefillLayerTokens = sharedPrefill(plan, runs);
  trial.executed = 0;
  trial.decodeLayerTokens = 0;
  for (const std::size_t index : std::set(runs.begin(), runs.end())) {
    trial.executed += plan.evaluation(index).executed;
    trial.decodeLayerTokens += plan.evaluation(index).decodeLayerTokens;
  }
  return trial;
}

// One row per policy.
std::vector<Row> runExample(const Example& example, const Policies& policies, const ProgramEvaluator& evaluator,
                            int topK) {
  Plan plan(example);
  std::vector<std::vector<std::size_t>> ranks;
  for (const auto& policy : policies) ranks.push_back(addChoices(plan, *policy, example, topK));
  plan.run(evaluator);
  std::vector<std::vector<std::size_t>> runs;  // those behind the first choice's answer, it first
  for (std::size_t p = 0; p < policies.size(); ++p) {
    runs.push_back({ranks[p].front()});
    for (const Choice& choice : policies[p]->further(example, outcomeOf(plan.evaluation(ranks[p].front()))))
      runs[p].push_back(plan.add(choice));
  }
  plan.run(evaluator);
  std::vector<Row> rows;
  for (std::size_t p = 0; p < policies.size(); ++p) {
    Row row{example.id, example.level, {}, policies[p]->choosingLayerTokens(example)};
    for (const std::size_t index : ranks[p]) row.trials.push_back(plan.trial(index));
    if (runs[p].size() > 1) row.trials.front() = allRun(plan, *policies[p], runs[p]);
    rows.push_back(std::move(row));
  }
  return rows;
}

void putRows(SetResult& set, std::size_t place, std::vector<Row> rows) {
  for (std::size_t p = 0; p < rows.size(); ++p) set.policies[p].rows[place] = std::move(rows[p]);
}

// Puts what the journal has into the set; the places that are left.
std::vector<std::size_t> openPlaces(SetResult& set, std::size_t questions, const SetJournal* journal) {
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < questions; ++i)
    if (!journal || !journal->taken().contains(i)) open.push_back(i);
  if (journal)
    for (const auto& [place, rows] : journal->taken()) putRows(set, place, rows);
  if (open.size() < questions)
    logLine("eval " + set.name + ": resuming, " + std::to_string(questions - open.size()) + " of " +
            std::to_string(questions) + " questions are there already");
  return open;
}

}  // namespace

SetResult evaluateSet(const std::string& name, bool inDistribution, const std::vector<Example>& examples,
                      std::int64_t available, const std::vector<std::unique_ptr<Policy>>& policies,
                      const ProgramEvaluator& evaluator, const SetEvaluationOptions& options,
                      const std::function<bool()>& stop) {
  SetResult set{name, inDistribution, evaluator.depth(), available, {}};
  for (const auto& policy : policies)
    set.policies.push_back({policy->name(), policy->usesAnswer(), std::vector<Row>(examples.size()), policy->settings()});
  std::optional<SetJournal> journal;
  if (!options.journal.empty()) journal.emplace(options.journal, examples, policies.size());
  const std::vector<std::size_t> open = openPlaces(set, examples.size(), journal ? &*journal : nullptr);

  Progress progress("eval " + name, "questions", open.size());
  std::atomic<bool> stopped = false;
  std::atomic<std::size_t> done = examples.size() - open.size();
  std::mutex asking;
  const auto runOne = [&](std::size_t number) {
    {
      const std::lock_guard lock(asking);
      if (!stopped && stop && stop()) stopped = true;
    }
    if (stopped) return;
    const std::size_t place = open[number];
    std::vector<Row> rows = runExample(examples[place], policies, evaluator, options.topK);
    if (journal) journal->add(place, rows);
    putRows(set, place, std::move(rows));
    ++done;
    progress.advance(1);
  };
  tbb::task_arena arena(std::max(1, options.workers));
  arena.execute([&] { tbb::parallel_for(std::size_t{0}, open.size(), runOne, tbb::simple_partitioner()); });
  if (stopped)
    throw Stopped("eval " + name + " stopped after " + std::to_string(done) + " of " + std::to_string(examples.size()) +
                  " questions; the same command goes on from there");
  measureAnswerTimes(set, examples, policies, evaluator, options.topK, options.timedQuestions, stop);
  return set;
}

}  // namespace polar
