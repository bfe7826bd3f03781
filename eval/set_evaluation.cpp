#include "eval/set_evaluation.h"

#include <tbb/parallel_for.h>
#include <tbb/partitioner.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <iterator>
#include <map>
#include <mutex>
#include <numeric>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>

#include "eval/answer_cost.h"
#include "eval/answer_time.h"
#include "eval/set_journal.h"
#include "support/error.h"
#include "support/progress.h"

namespace polar {
namespace {

using Policies = std::vector<NamedPolicy>;

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
  // 0 where nothing that has a layer was run.
  std::int64_t promptTokens() const {
    for (const Evaluation& evaluation : evaluations_)
      if (evaluation.executed > 0) return evaluation.prefillLayerTokens / evaluation.executed;
    return 0;
  }
  const Program& program(std::size_t index) const { return tasks_[index].program; }
  Trial trial(std::size_t index) const {
    const Evaluation& evaluation = evaluations_[index];
    return {tasks_[index].program.text(),
            evaluation.verdict,
            evaluation.executed,
            evaluation.unique,
            evaluation.text,
            evaluation.prefillLayerTokens,
            evaluation.decodeLayerTokens};
  }

 private:
  const Example& example_;
  std::vector<Choice> choices_;
  std::vector<EvaluationTask> tasks_;
  std::vector<Evaluation> evaluations_;
};

std::vector<std::size_t> addChoices(Plan& plan, const NamedPolicy& named, const Example& example, int topK) {
  const std::vector<Choice> choices = named.policy->choices(example, topK);
  if (choices.empty() || choices.size() > static_cast<std::size_t>(topK))
    throw std::logic_error("policy '" + named.name + "' ranked " + std::to_string(choices.size()) + " programs");
  std::vector<std::size_t> indices;
  for (const Choice& choice : choices) {
    indices.push_back(plan.add(choice));
    if (std::count(indices.begin(), indices.end(), indices.back()) > 1)
      throw std::logic_error("policy '" + named.name + "' ranked a program twice");
  }
  return indices;
}

std::vector<Outcome> outcomesOf(const Plan& plan, const std::vector<std::size_t>& runs) {
  std::vector<Outcome> outcomes;
  for (const std::size_t index : runs) outcomes.push_back({plan.evaluation(index).margin, plan.evaluation(index).text});
  return outcomes;
}

PromptCost costOf(const Plan& plan, const NamedPolicy& named, const std::vector<std::size_t>& runs) {
  std::vector<Program> programs;
  for (const std::size_t index : runs) programs.push_back(plan.program(index));
  return promptCost(*named.policy, plan.example(), std::move(programs), plan.promptTokens());
}

// The trial of several runs, of which one answer is kept. Executed layers are the sum over the runs; a choice that is
// asked for twice is one run. prefill: of all of them.
Trial allRun(const Plan& plan, const NamedPolicy& named, const std::vector<std::size_t>& runs, std::int64_t prefill) {
  const std::size_t kept = named.policy->kept(plan.example(), outcomesOf(plan, runs));
  if (kept >= runs.size()) throw std::logic_error("policy '" + named.name + "' keeps an answer that was not run");
  Trial trial = plan.trial(runs[kept]);
  trial.prefillLayerTokens = prefill;
  trial.executed = 0;
  trial.decodeLayerTokens = 0;
  for (const std::size_t index : std::set(runs.begin(), runs.end())) {
    trial.executed += plan.evaluation(index).executed;
    trial.decodeLayerTokens += plan.evaluation(index).decodeLayerTokens;
  }
  return trial;
}

// Adds what the policy asks for after `runs`; whether it asks for anything.
bool addFurther(Plan& plan, const NamedPolicy& named, std::vector<std::size_t>& runs) {
  const std::vector<std::size_t> before = runs;
  const std::vector<Choice> choices = named.policy->further(plan.example(), outcomesOf(plan, runs));
  bool anyNew = choices.empty();
  for (const Choice& choice : choices) {
    runs.push_back(plan.add(choice));
    anyNew |= std::ranges::find(before, runs.back()) == before.end();
  }
  if (!anyNew) throw std::logic_error("policy '" + named.name + "' asks again for what was run");
  return !choices.empty();
}

// All runs of each of `chosen`, its first choice first: what policies ask for is run together, round by round.
std::vector<std::vector<std::size_t>> runAnswers(Plan& plan, const Policies& policies,
                                                 const std::vector<std::size_t>& chosen,
                                                 const std::vector<std::vector<std::size_t>>& ranks,
                                                 const ProgramEvaluator& evaluator) {
  std::vector<std::vector<std::size_t>> runs;
  for (const std::vector<std::size_t>& ranked : ranks) runs.push_back({ranked.front()});
  std::vector<std::size_t> asking(chosen.size());
  std::iota(asking.begin(), asking.end(), std::size_t{0});
  while (!asking.empty()) {
    std::erase_if(asking, [&](std::size_t i) { return !addFurther(plan, policies[chosen[i]], runs[i]); });
    plan.run(evaluator);
  }
  return runs;
}

// A row for each of `chosen`, places in `policies`.
std::vector<Row> runExample(const Example& example, const Policies& policies, const std::vector<std::size_t>& chosen,
                            const ProgramEvaluator& evaluator, int topK) {
  Plan plan(example);
  std::vector<std::vector<std::size_t>> ranks;
  for (const std::size_t p : chosen) ranks.push_back(addChoices(plan, policies[p], example, topK));
  plan.run(evaluator);
  const std::vector<std::vector<std::size_t>> runs = runAnswers(plan, policies, chosen, ranks, evaluator);
  std::vector<Row> rows;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const NamedPolicy& named = policies[chosen[i]];
    const PromptCost cost = costOf(plan, named, runs[i]);
    Row row{example.id, example.level, {}, cost.choosing};
    for (const std::size_t index : ranks[i]) row.trials.push_back(plan.trial(index));
    if (runs[i].size() > 1) row.trials.front() = allRun(plan, named, runs[i], cost.prefill);
    rows.push_back(std::move(row));
  }
  return rows;
}

// A question that is not finished.
struct OpenPlace {
  std::size_t place;
  std::vector<std::size_t> policies;  // that have no row of it
};

// Puts what the journal has into the set; what is left.
std::vector<OpenPlace> openPlaces(SetResult& set, std::size_t questions, const SetJournal* journal) {
  std::vector<OpenPlace> open;
  for (std::size_t place = 0; place < questions; ++place) {
    OpenPlace left{place, {}};
    for (std::size_t p = 0; p < set.policies.size(); ++p) {
      const auto taken = journal ? journal->taken()[p].find(place) : std::map<std::size_t, Row>::const_iterator{};
      if (!journal || taken == journal->taken()[p].end())
        left.policies.push_back(p);
      else
        set.policies[p].rows[place] = taken->second;
    }
    if (!left.policies.empty()) open.push_back(std::move(left));
  }
  if (open.size() < questions && !set.policies.empty())
    logLine("eval " + set.name + ": resuming, " + std::to_string(questions - open.size()) + " of " +
            std::to_string(questions) + " questions are there already");
  return open;
}

// With a row for each example, to be filled.
SetResult emptyResult(const std::string& name, bool inDistribution, int depth, std::int64_t available,
                      std::size_t questions, const Policies& policies, const SetEvaluationOptions& options) {
  SetResult set{name, inDistribution, depth, available, {}};
  for (std::size_t p = 0; p < policies.size(); ++p) {
    PolicyResult& result = set.policies.emplace_back();
    result.policy = policies[p].name;
    result.usesAnswer = policies[p].usesAnswer;
    result.rows.resize(questions);
    result.settings = policies[p].policy->settings();
    if (!options.keys.empty()) result.key = options.keys.at(p);
  }
  return set;
}

std::vector<std::string> keysOf(const Policies& policies, const SetEvaluationOptions& options) {
  if (!options.keys.empty()) return options.keys;
  std::vector<std::string> names;
  for (const NamedPolicy& named : policies) names.push_back(named.name);
  return names;
}

}  // namespace

SetResult evaluateSet(const std::string& name, bool inDistribution, const std::vector<Example>& examples,
                      std::int64_t available, const std::vector<NamedPolicy>& policies,
                      const ProgramEvaluator& evaluator, const SetEvaluationOptions& options,
                      const std::function<bool()>& stop) {
  SetResult set = emptyResult(name, inDistribution, evaluator.depth(), available, examples.size(), policies, options);
  std::optional<SetJournal> journal;
  if (!options.journal.empty()) journal.emplace(options.journal, examples, keysOf(policies, options), options.origin);
  set.origins = journal ? journal->origins() : std::vector{options.origin};
  const std::vector<OpenPlace> open = openPlaces(set, examples.size(), journal ? &*journal : nullptr);

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
    const auto& [place, chosen] = open[number];
    std::vector<Row> rows = runExample(examples[place], policies, chosen, evaluator, options.topK);
    if (journal) journal->add(place, chosen, rows);
    for (std::size_t i = 0; i < chosen.size(); ++i) set.policies[chosen[i]].rows[place] = std::move(rows[i]);
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
