#include "search/oracle_search.h"

#include <tbb/global_control.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <iomanip>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <unordered_set>

#include "data/reader.h"
#include "search/strategies.h"
#include "support/error.h"
#include "support/progress.h"
#include "support/random.h"

namespace polar {
namespace {

// Programs evaluated together: enough for the executor to share prefixes among. Evaluations do not depend on it.
constexpr std::size_t kBatch = 1024;

std::unique_ptr<SearchStrategy> strategyFor(const std::string& exampleId, int depth,
                                            const OracleSearchOptions& options) {
  StrategyOptions own = options.strategyOptions;
  own.space.depth = depth;
  own.seed = Random(options.seed, exampleId).next();
  return makeStrategy(options.strategy, own);
}

std::vector<Evaluation> evaluateAll(const ProgramEvaluator& evaluator, const std::vector<EvaluationTask>& tasks) {
  std::vector<Evaluation> evaluations = evaluator.evaluate(tasks);
  if (evaluations.size() != tasks.size()) throw std::logic_error("an evaluator must answer every task");
  return evaluations;
}

void searchPrograms(ExampleLabels& labels, const ProgramEvaluator& evaluator, const OracleSearchOptions& options) {
  const auto strategy = strategyFor(labels.example.id, evaluator.depth(), options);
  for (auto asked = strategy->ask(kBatch); !asked.empty(); asked = strategy->ask(kBatch)) {
    std::vector<EvaluationTask> tasks;
    for (const Candidate& candidate : asked) tasks.push_back({&labels.example, candidate.program});
    std::vector<Evaluation> evaluations = evaluateAll(evaluator, tasks);
    for (std::size_t i = 0; i < asked.size(); ++i) {
      const std::size_t order = labels.programs.size();
      strategy->tell(order, asked[i].program, evaluations[i]);
      labels.programs.push_back({std::move(asked[i].program), std::move(evaluations[i]),
                                 static_cast<std::uint32_t>(order), asked[i].parent,
                                 order == 0 ? kStandardOrigin : options.strategy});
    }
  }
}

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
  const auto strategy = strategyFor("", depth, options);
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

// Searched programs and how many of them were right, for the progress line. Counts of whichever workers were faster.
class ValidShare {
 public:
  std::string add(const ExampleLabels& labels) {
    for (const LabelledProgram& labelled : labels.programs) {
      if (labelled.origin == kSampleOrigin) continue;
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
                            const OracleSearchOptions& options) {
  ExampleLabels labels;
  labels.example = example;
  labels.split = inFraction(example, options.validationFraction, options.seed) ? "validation" : "train";
  searchPrograms(labels, evaluator, options);
  if (!labels.programs.empty()) labels.standardVerdict = labels.programs.front().evaluation.verdict;
  sampleStandard(labels, evaluator, options);
  return labels;
}

void runOracleSearch(const std::vector<Example>& examples, const ProgramEvaluator& evaluator,
                     const OracleSearchOptions& options, LabelWriter& writer, const std::function<bool()>& stop) {
  const std::vector<const Example*> open = notCommitted(examples, writer);
  if (open.empty()) return;
  const std::size_t workers = static_cast<std::size_t>(std::max(1, options.workers));
  const std::size_t partExamples = static_cast<std::size_t>(std::max(1, options.partExamples));
  Progress progress("search", "evaluations", open.size() * plannedEvaluations(evaluator.depth(), options));
  ValidShare validShare;
  std::size_t next = 0;
  bool stopped = false;

  // Labels leave the pipeline in the order of the examples, whichever was searched first: parts do not depend on speed.
  const auto source = tbb::make_filter<void, std::size_t>(
      tbb::filter_mode::serial_in_order, [&](tbb::flow_control& flow) {
        stopped = next < open.size() && stop && stop();
        if (!stopped && next < open.size()) return next++;
        flow.stop();
        return next;
      });
  const auto search = tbb::make_filter<std::size_t, std::shared_ptr<ExampleLabels>>(
      tbb::filter_mode::parallel, [&](std::size_t at) {
        auto labels = std::make_shared<ExampleLabels>(searchExample(*open[at], evaluator, options));
        progress.advance(labels->programs.size(), validShare.add(*labels));
        return labels;
      });
  const auto sink = tbb::make_filter<std::shared_ptr<ExampleLabels>, void>(
      tbb::filter_mode::serial_in_order, [&](const std::shared_ptr<ExampleLabels>& labels) {
        writer.add(std::move(*labels));
        if (writer.pending() >= partExamples) writer.commit();
      });

  // TBB starts no more threads than there are cores unless it is told; four examples a worker keep all busy while one
  // slow example holds up the writing of those behind it.
  const tbb::global_control threads(tbb::global_control::max_allowed_parallelism, workers);
  tbb::task_arena arena(static_cast<int>(workers));
  arena.execute([&] { tbb::parallel_pipeline(4 * workers, source & search & sink); });
  writer.commit();
  if (stopped)
    throw Stopped("search stopped with " + std::to_string(open.size() - next) + " of " +
                  std::to_string(examples.size()) + " examples to go; run the same command to resume");
}

}  // namespace polar
