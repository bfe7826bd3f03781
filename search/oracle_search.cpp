#include "search/oracle_search.h"

#include <tbb/global_control.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iomanip>
#include <memory>
#include <span>
#include <sstream>
#include <string>
#include <unordered_set>
#include <utility>

#include "search/side_by_side.h"
#include "support/error.h"
#include "support/progress.h"

namespace polar {
namespace {

// Questions that a worker searches side by side: so many that their programs fill the passes of a decoder, also while
// the last of them end. More would make a stop wait longer.
constexpr std::size_t kLeastTogether = 4, kMostTogether = 32, kProgramsTogether = 256;

// Evaluations that one example takes where every answer is wrong: an estimate for the remaining time.
std::size_t plannedEvaluations(int depth, const OracleSearchOptions& options) {
  const Example any;
  ExampleSearch search(any, depth, options);
  Evaluation wrong;
  wrong.verdict = Verdict::wrong;
  std::size_t count = 0;
  for (auto tasks = search.ask(); !tasks.empty(); tasks = search.ask()) {
    count += tasks.size();
    search.tell(std::vector<Evaluation>(tasks.size(), wrong));
  }
  return count;
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

// Searched programs and how many of them were right, for the progress line: of all examples finished so far.
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

using Group = std::shared_ptr<std::vector<SearchedExample>>;

// What one worker does at a time. searched: of each example's labels, as soon as they are whole.
Group searchGroup(std::span<const Example* const> examples, const ProgramEvaluator& evaluator,
                  const OracleSearchOptions& options, const std::function<void(const ExampleLabels&)>& searched) {
  const auto start = Clock::now();
  std::vector<ExampleSearch> searches;
  searches.reserve(examples.size());
  for (const Example* example : examples) searches.emplace_back(*example, evaluator.depth(), options);
  auto group = std::make_shared<std::vector<SearchedExample>>(examples.size());
  searchSideBySide(searches, evaluator, [&](std::size_t i) {
    (*group)[i] = {searches[i].takeLabels(), searches[i].statistics(), secondsSince(start)};
    searched((*group)[i].labels);
  });
  return group;
}

// Where searched examples go, in their order: to the observer, the means and the parts.
class Sink {
 public:
  Sink(LabelWriter& writer, const SearchObserver& observe, int partExamples)
      : writer_(writer), observe_(observe), partExamples_(static_cast<std::size_t>(std::max(1, partExamples))) {}

  void take(SearchedExample& searched) {
    statistics_.add(searched.statistics);
    ++summary_.questions;
    summary_.evaluations += static_cast<std::int64_t>(searched.labels.programs.size());
    if (observe_.question) observe_.question(searched);
    writer_.add(std::move(searched.labels));
    if (writer_.pending() >= partExamples_) commit();
  }

  SearchSummary end() {
    commit();
    summary_.means = statistics_.means();
    summary_.seconds = secondsSince(start_);
    if (observe_.end) observe_.end(summary_);
    return summary_;
  }

 private:
  void commit() {
    const auto before = Clock::now();
    writer_.commit();
    summary_.writing += secondsSince(before);
  }

  LabelWriter& writer_;
  const SearchObserver& observe_;
  std::size_t partExamples_;
  MeanStatistics statistics_;
  SearchSummary summary_;
  Clock::time_point start_ = Clock::now();
};

}  // namespace

ExampleLabels searchExample(const Example& example, const ProgramEvaluator& evaluator,
                            const OracleSearchOptions& options, SearchStatistics* statistics) {
  ExampleSearch search(example, evaluator.depth(), options);
  searchSideBySide({&search, 1}, evaluator);
  if (statistics) *statistics = search.statistics();
  return search.takeLabels();
}

SearchSummary runOracleSearch(const std::vector<Example>& examples, const ProgramEvaluator& evaluator,
                              const OracleSearchOptions& options, LabelWriter& writer,
                              const std::function<bool()>& stop, const SearchObserver& observe) {
  const std::vector<const Example*> open = notCommitted(examples, writer);
  if (open.empty()) return {};
  const std::size_t workers = static_cast<std::size_t>(std::max(1, options.workers));
  const std::size_t planned = plannedEvaluations(evaluator.depth(), options);
  Progress progress("search", "evaluations", open.size() * planned);
  ValidShare validShare;
  Sink labels(writer, observe, options.search.partExamples);
  std::size_t next = 0;
  bool stopped = false;

  // Labels leave the pipeline in the order of the examples, so that parts do not depend on speed.
  // Groups are smaller in a small search, so that no worker is idle.
  const std::size_t wanted =
      std::clamp(kProgramsTogether / std::max<std::size_t>(1, planned), kLeastTogether, kMostTogether);
  const std::size_t together = std::clamp<std::size_t>(open.size() / (4 * workers), 1, wanted);
  using Range = std::span<const Example* const>;
  const auto source =
      tbb::make_filter<void, Range>(tbb::filter_mode::serial_in_order, [&](tbb::flow_control& flow) -> Range {
        stopped = next < open.size() && stop && stop();
        const std::size_t count = stopped ? 0 : std::min(open.size() - next, together);
        if (count == 0) flow.stop();
        next += count;
        return {open.data() + next - count, count};
      });
  const auto search = tbb::make_filter<Range, Group>(tbb::filter_mode::parallel, [&](Range range) {
    return searchGroup(range, evaluator, options, [&](const ExampleLabels& searched) {
      progress.advance(searched.programs.size(), validShare.add(searched));
    });
  });
  const auto sink = tbb::make_filter<Group, void>(tbb::filter_mode::serial_in_order, [&](const Group& group) {
    for (SearchedExample& searched : *group) labels.take(searched);
  });

  // TBB starts no more threads than there are cores unless it is asked to; four groups a worker keep all busy while one
  // slow example holds up the writing of those after it.
  const tbb::global_control threads(tbb::global_control::max_allowed_parallelism, workers);
  tbb::task_arena arena(static_cast<int>(workers));
  arena.execute([&] { tbb::parallel_pipeline(4 * workers, source & search & sink); });
  const SearchSummary summary = labels.end();
  if (stopped)
    throw Stopped("search stopped with " + std::to_string(open.size() - next) + " of " +
                  std::to_string(examples.size()) + " examples to go; run the same command to resume");
  return summary;
}

}  // namespace polar
