#include "search/example_search.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "data/reader.h"
#include "search/origins.h"
#include "search/strategies.h"
#include "support/random.h"

namespace polar {
namespace {

// Programs evaluated together: enough for the executor to share prefixes among. Evaluations do not depend on it.
constexpr std::int64_t kBatch = 1024;

StrategyOptions optionsFor(const Example& example, int depth, const OracleSearchOptions& options) {
  StrategyOptions own{options.search, depth, Random(options.seed, example.id).next()};
  if (options.menu) own.programs = options.menu->programsFor(example);
  return own;
}

}  // namespace

ExampleSearch::ExampleSearch(const Example& example, int depth, const OracleSearchOptions& options)
    : example_(example), options_(options), own_(optionsFor(example, depth, options)), strategy_(makeStrategy(own_)),
      kept_(own_.minimise ? Minimiser::reserve(own_) : 0) {
  labels_.example = example;
  labels_.split = inFraction(example, options.validationFraction, options.seed) ? "validation" : "train";
}

std::vector<EvaluationTask> ExampleSearch::ask() {
  if (open_ > 0) throw std::logic_error("a search was asked before it was answered");
  while (phase_ < Phase::samples) {
    asked_ = propose();
    if (asked_.empty()) {
      endPhase();
      continue;
    }
    std::vector<EvaluationTask> tasks = label(asked_);
    if (!tasks.empty()) return tasks;
    report();  // all were evaluated before
  }
  if (done()) return {};
  std::vector<EvaluationTask> tasks = samples();
  if (tasks.empty()) phase_ = Phase::done;
  return tasks;
}

void ExampleSearch::tell(std::vector<Evaluation> evaluations) {
  if (evaluations.size() != open_) throw std::logic_error("an evaluator must answer every task");
  std::size_t at = labels_.programs.size() - std::exchange(open_, 0);
  for (Evaluation& evaluation : evaluations) labels_.programs[at++].evaluation = std::move(evaluation);
  if (phase_ == Phase::samples)
    phase_ = Phase::done;
  else
    report();
}

std::vector<Candidate> ExampleSearch::propose() {
  switch (phase_) {
    case Phase::strategy:
      return fromStrategy(own_.budget - kept_);
    case Phase::minimise:
      return minimiser_->ask();
    case Phase::strategyAgain:
      return fromStrategy(own_.budget);
    default:
      return {};
  }
}

// Candidates as long as there are fewer than `until` labels.
std::vector<Candidate> ExampleSearch::fromStrategy(std::int64_t until) {
  const std::int64_t left = until - static_cast<std::int64_t>(labels_.programs.size());
  if (left <= 0) return {};
  std::vector<Candidate> candidates = strategy_->ask(static_cast<std::size_t>(std::min(kBatch, left)));
  for (const Candidate& candidate : candidates) strategyAsked_.push_back(candidate.program);
  return candidates;
}

// Gives labels, still without evaluations, to the candidates that have none.
std::vector<EvaluationTask> ExampleSearch::label(const std::vector<Candidate>& candidates) {
  std::vector<EvaluationTask> tasks;
  for (const Candidate& candidate : candidates) {
    const std::size_t order = labels_.programs.size();
    if (!known_.emplace(candidate.program, order).second) continue;
    const std::string& origin = phase_ == Phase::minimise ? kMinimiseOrigin : own_.strategy;
    labels_.programs.push_back({candidate.program,
                                {},
                                static_cast<std::uint32_t>(order),
                                parentOf(candidate),
                                order == 0 ? kStandardOrigin : origin});
    tasks.push_back({&example_, candidate.program});
  }
  open_ = tasks.size();
  return tasks;
}

// As an order of the labels: the minimiser knows these, the strategy counts its own asks.
std::int32_t ExampleSearch::parentOf(const Candidate& candidate) const {
  if (phase_ == Phase::minimise || candidate.parent < 0) return candidate.parent;
  return static_cast<std::int32_t>(known_.at(strategyAsked_[static_cast<std::size_t>(candidate.parent)]));
}

// Gives the evaluations of `asked_` to the strategy or the minimiser, which asked them.
void ExampleSearch::report() {
  std::size_t order = strategyAsked_.size() - asked_.size();  // read by the strategy alone
  for (const Candidate& candidate : asked_) {
    const LabelledProgram& labelled = labels_.programs[known_.at(candidate.program)];
    if (phase_ == Phase::minimise)
      minimiser_->tell(candidate.program, labelled.evaluation.right(), labelled.order);
    else
      strategy_->tell(order++, candidate.program, labelled.evaluation);
  }
}

void ExampleSearch::endPhase() {
  if (phase_ == Phase::strategy && own_.minimise) {
    minimiser_.emplace(own_.space(), kept_, labels_.programs);
    phase_ = Phase::minimise;
  } else if (phase_ != Phase::strategyAgain) {
    phase_ = Phase::strategyAgain;
  } else {
    statistics_ = statisticsOf(labels_.programs, own_.space(), strategy_->statistics());
    if (!labels_.programs.empty()) labels_.standardVerdict = labels_.programs.front().evaluation.verdict;
    phase_ = Phase::samples;
  }
}

// The standard program at a temperature. Orders continue; the parent is the standard program.
std::vector<EvaluationTask> ExampleSearch::samples() {
  const Program standard = Program::standard(own_.depth);
  std::vector<EvaluationTask> tasks;
  for (int i = 0; i < own_.samples; ++i) {
    const std::string name = example_.id + "/sample/" + std::to_string(i);
    tasks.push_back({&example_, standard, own_.sampleTemperature, Random(options_.seed, name).next()});
    labels_.programs.push_back({standard, {}, static_cast<std::uint32_t>(labels_.programs.size()), 0, kSampleOrigin});
  }
  open_ = tasks.size();
  return tasks;
}

}  // namespace polar
