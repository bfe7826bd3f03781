#include "search/oracle_search.h"

#include <tbb/global_control.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iomanip>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <unordered_map>
#include <unordered_set>

#include "data/reader.h"
#include "search/minimise.h"
#include "search/side_by_side.h"
#include "search/strategies.h"
#include "support/error.h"
#include "support/progress.h"
#include "support/random.h"

namespace polar {
namespace {

// Programs evaluated together: enough for the executor to share prefixes among. Evaluations do not depend on it.
constexpr std::size_t kBatch = 1024;
// Questions that a worker searches side by side: more company for programs that decode, and a longer wait for a stop.
constexpr std::size_t kTogether = 4;

StrategyOptions optionsFor(const Example& example, int depth, const OracleSearchOptions& options) {
  StrategyOptions own = options.strategyOptions;
  own.space.depth = depth;
  own.seed = Random(options.seed, example.id).next();
  if (options.menu) own.menu = options.menu->programsFor(example);
  return own;
}

std::vector<Evaluation> evaluateAll(const ProgramEvaluator& evaluator, const std::vector<EvaluationTask>& tasks) {
  if (tasks.empty()) return {};
  std::vector<Evaluation> evaluations = evaluator.evaluate(tasks);
  if (evaluations.size() != tasks.size()) throw std::logic_error("an evaluator must answer every task");
  return evaluations;
}

// Runs a strategy on one example in turns with the minimiser. Labels stand in the order of evaluation; a program that
// the minimiser was faster to evaluate is told to the strategy from there.
class ExampleSearch {
 public:
  ExampleSearch(ExampleLabels& labels, const ProgramEvaluator& evaluator) : labels_(labels), evaluator_(evaluator) {}

  // Until there are `until` labels or the strategy is done.
  void run(SearchStrategy& strategy, const std::string& origin, std::size_t until) {
    while (labels_.programs.size() < until) {
      const auto asked = strategy.ask(std::min(kBatch, until - labels_.programs.size()));
      if (asked.empty()) return;
      const std::size_t before = asked_.size();
      for (const Candidate& candidate : asked) asked_.push_back(candidate.program);
      const auto parentOf = [&](const Candidate& candidate) {
        if (candidate.parent < 0) return -1;
        return static_cast<std::int32_t>(known_.at(asked_[static_cast<std::size_t>(candidate.parent)]));
      };
      evaluate(asked, parentOf, origin);
      for (std::size_t i = before; i < asked_.size(); ++i)
        strategy.tell(i, asked_[i], labels_.programs[known_.at(asked_[i])].evaluation);
    }
  }

  void minimise(const EditSpace& space, std::int64_t budget) {
    Minimiser minimiser(space, budget, labels_.programs);
    for (auto asked = minimiser.ask(); !asked.empty(); asked = minimiser.ask()) {
      evaluate(asked, [](const Candidate& candidate) { return candidate.parent; }, kMinimiseOrigin);
      for (const Candidate& candidate : asked) {
        const LabelledProgram& labelled = labels_.programs[known_.at(candidate.program)];
        minimiser.tell(candidate.program, labelled.evaluation.right(), labelled.order);
      }
    }
  }

 private:
  // Labels the candidates that have none. parentOf: a candidate's parent as an order of the labels.
  template <typename ParentOf>
  void evaluate(const std::vector<Candidate>& asked, ParentOf parentOf, const std::string& origin) {
    std::vector<EvaluationTask> tasks;
    std::vector<const Candidate*> fresh;
    for (const Candidate& candidate : asked) {
      if (!known_.emplace(candidate.program, labels_.programs.size() + fresh.size()).second) continue;
      fresh.push_back(&candidate);
      tasks.push_back({&labels_.example, candidate.program});
    }
    std::vector<Evaluation> evaluations = evaluateAll(evaluator_, tasks);
    for (std::size_t i = 0; i < fresh.size(); ++i) {
      const std::size_t order = labels_.programs.size();
      labels_.programs.push_back({fresh[i]->program, std::move(evaluations[i]), static_cast<std::uint32_t>(order),
                                  parentOf(*fresh[i]), order == 0 ? kStandardOrigin : origin});
    }
  }

  ExampleLabels& labels_;
  const ProgramEvaluator& evaluator_;
  std::unordered_map<Program, std::size_t> known_;  // order in the labels; only ever looked up
  std::vector<Program> asked_;                      // by the strategy
};

// `programs`: what the search evaluated, without samples.
SearchStatistics statisticsOf(const std::vector<LabelledProgram>& programs, const StrategyOptions& options,
                              const SearchStrategy& strategy) {
  SearchStatistics statistics = strategy.statistics();
  if (programs.empty()) return statistics;
  double severalEdits = 0, proposed = 0;
  const LabelledProgram* first = nullptr;
  int best = 0;
  for (const LabelledProgram& each : programs) {
    if (each.origin != kMinimiseOrigin && each.origin != kStandardOrigin) {
      const auto edits = editsOf(each.program, options.space);
      severalEdits += edits && edits->size() > 1;
      ++proposed;
    }
    if (!each.evaluation.right()) continue;
    best = first ? std::min(best, each.program.executed()) : each.program.executed();
    if (!first) first = &each;
  }
  const bool standard = programs.front().evaluation.right();
  statistics["evaluations"] = static_cast<double>(programs.size());
  statistics["found"] = first != nullptr;
  statistics["standard_right"] = standard;
  if (!standard) statistics["rescued"] = first != nullptr;
  if (first) statistics["best_executed"] = best;
  if (first && !standard) statistics["first_valid"] = first->order + 1.0;
  if (proposed > 0) statistics["multi_edit_share"] = severalEdits / proposed;
  return statistics;
}

// Means over the examples that have a value.
class MeanStatistics {
 public:
  void add(const SearchStatistics& statistics) {
    for (const auto& [name, value] : statistics) {
      sums_[name] += value;
      ++counts_[name];
    }
  }
  SearchStatistics means() const {
    SearchStatistics means = sums_;
    for (auto& [name, value] : means) value /= counts_.at(name);
    return means;
  }

 private:
  SearchStatistics sums_, counts_;
};

void sampleStandard(ExampleLabels& labels, const ProgramEvaluator& evaluator, const OracleSearchOptions& options) {
  const Program standard = Program::standard(evaluator.depth());
  std::vector<EvaluationTask> tasks;
  for (int i = 0; i < options.samples; ++i) {
    const std::string name = labels.example.id + "/sample/" + std::to_string(i);
    tasks.push_back({&labels.example, standard, options.sampleTemperature, Random(options.seed, name).next()});
  }
  if (tasks.empty()) return;
  for (Evaluation& evaluation : evaluateAll(evaluator, tasks))
    labels.programs.push_back({standard, std::move(evaluation), static_cast<std::uint32_t>(labels.programs.size()), 0,
                               kSampleOrigin});
}

// Evaluations that one example will take: the strategy's asks where every answer is wrong. An estimate for the ETA.
std::size_t plannedEvaluations(int depth, const OracleSearchOptions& options) {
  const StrategyOptions own = optionsFor({}, depth, options);
  const auto strategy = makeStrategy(options.strategy, own);
  Evaluation wrong;
  wrong.verdict = Verdict::wrong;
  std::size_t count = 0;
  for (auto asked = strategy->ask(kBatch); !asked.empty(); asked = strategy->ask(kBatch))
    for (const Candidate& candidate : asked) strategy->tell(count++, candidate.program, wrong);
  return count + static_cast<std::size_t>(std::max(0, options.samples));
}

std::vector<const Example*> notCommitted(const std::vector<Example>& examples, const LabelWriter& writer) {
  const std::unordered_set<std::string> done(writer.committed().begin(), writer.committed().end());
  std::vector<const Example*> open;
  for (const Example& example : examples)
    if (!done.contains(example.id)) open.push_back(&example);
  return open;
}

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// Searched programs and how many of them were right, for the progress line. Counts of whichever workers were faster.
class ValidShare {
 public:
  std::string add(const ExampleLabels& labels) {
    for (const LabelledProgram& labelled : labels.programs) {
      if (labelled.isSample()) continue;
      ++programs_;
      valid_ += labelled.evaluation.right();
    }
    std::ostringstream note;
    note << std::fixed << std::setprecision(1) << "valid "
         << 100.0 * static_cast<double>(valid_) / static_cast<double>(std::max<std::int64_t>(1, programs_)) << " %";
    return note.str();
  }

 private:
  std::atomic<std::int64_t> programs_ = 0, valid_ = 0;
};

}  // namespace

ExampleLabels searchExample(const Example& example, const ProgramEvaluator& evaluator,
                            const OracleSearchOptions& options, SearchStatistics* statistics) {
  ExampleLabels labels;
  labels.example = example;
  labels.split = inFraction(example, options.validationFraction, options.seed) ? "validation" : "train";
  const StrategyOptions own = optionsFor(example, evaluator.depth(), options);
  const auto strategy = makeStrategy(options.strategy, own);
  const std::int64_t kept = options.minimise ? Minimiser::reserve(own) : 0;
  ExampleSearch search(labels, evaluator);
  search.run(*strategy, options.strategy, static_cast<std::size_t>(own.budget - kept));
  if (options.minimise) search.minimise(own.space, kept);
  search.run(*strategy, options.strategy, static_cast<std::size_t>(own.budget));
  if (statistics) *statistics = statisticsOf(labels.programs, own, *strategy);
  if (!labels.programs.empty()) labels.standardVerdict = labels.programs.front().evaluation.verdict;
  sampleStandard(labels, evaluator, options);
  return labels;
}

SearchSummary runOracleSearch(const std::vector<Example>& examples, const ProgramEvaluator& evaluator,
                              const OracleSearchOptions& options, LabelWriter& writer,
                              const std::function<bool()>& stop, const SearchObserver& observe) {
  const std::vector<const Example*> open = notCommitted(examples, writer);
  if (open.empty()) return {};
  const std::size_t workers = static_cast<std::size_t>(std::max(1, options.workers));
  const std::size_t partExamples = static_cast<std::size_t>(std::max(1, options.partExamples));
  Progress progress("search", "evaluations", open.size() * plannedEvaluations(evaluator.depth(), options));
  ValidShare validShare;
  MeanStatistics statistics;
  SearchSummary summary;
  const auto start = Clock::now();
  const auto commit = [&] {
    const auto before = Clock::now();
    writer.commit();
    summary.writing += secondsSince(before);
  };
  std::size_t next = 0;
  bool stopped = false;

  // Labels leave the pipeline in the order of the examples, whichever was searched first: parts do not depend on speed.
  // Fewer at the end of a small search, so that no worker is idle.
  const std::size_t together = std::clamp<std::size_t>(open.size() / (4 * workers), 1, kTogether);
  using Group = std::shared_ptr<std::vector<SearchedExample>>;
  const auto source = tbb::make_filter<void, std::pair<std::size_t, std::size_t>>(
      tbb::filter_mode::serial_in_order, [&](tbb::flow_control& flow) {
        stopped = next < open.size() && stop && stop();
        const std::size_t from = next, to = stopped ? from : std::min(open.size(), from + together);
        if (from == to) flow.stop();
        next = to;
        return std::pair(from, to);
      });
  const auto search = tbb::make_filter<std::pair<std::size_t, std::size_t>, Group>(
      tbb::filter_mode::parallel, [&](const std::pair<std::size_t, std::size_t>& range) {
        auto group = std::make_shared<std::vector<SearchedExample>>(range.second - range.first);
        searchSideBySide(group->size(), evaluator, [&](std::size_t i, const ProgramEvaluator& own) {
          SearchedExample& searched = (*group)[i];
          const auto before = Clock::now();
          searched.labels = searchExample(*open[range.first + i], own, options, &searched.statistics);
          searched.seconds = secondsSince(before);
          progress.advance(searched.labels.programs.size(), validShare.add(searched.labels));
        });
        return group;
      });
  const auto sink = tbb::make_filter<Group, void>(tbb::filter_mode::serial_in_order, [&](const Group& group) {
    for (SearchedExample& searched : *group) {
      statistics.add(searched.statistics);
      ++summary.questions;
      summary.evaluations += static_cast<std::int64_t>(searched.labels.programs.size());
      if (observe.question) observe.question(searched);
      writer.add(std::move(searched.labels));
      if (writer.pending() >= partExamples) commit();
    }
  });

  // TBB starts no more threads than there are cores unless it is told; four groups a worker keep all busy while one
  // slow example holds up the writing of those behind it.
  const tbb::global_control threads(tbb::global_control::max_allowed_parallelism, workers);
  tbb::task_arena arena(static_cast<int>(workers));
  arena.execute([&] { tbb::parallel_pipeline(4 * workers, source & search & sink); });
  commit();
  summary.means = statistics.means();
  summary.seconds = secondsSince(start);
  if (observe.end) observe.end(summary);
  if (stopped)
    throw Stopped("search stopped with " + std::to_string(open.size() - next) + " of " +
                  std::to_string(examples.size()) + " examples to go; run the same command to resume");
  return summary;
}

}  // namespace polar
