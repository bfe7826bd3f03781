#include "search/verify.h"

#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>
#include <iomanip>
#include <numeric>
#include <sstream>

#include "support/error.h"
#include "support/progress.h"
#include "support/random.h"
#include "support/statistics.h"

namespace polar {
namespace {

constexpr std::size_t kLargestBatch = 64;
constexpr std::size_t kShown = 10;

struct Stored {
  const ExampleLabels* labels;
  const LabelledProgram* program;
};

std::vector<Stored> searchedLabels(const LabelFile& file) {
  std::vector<Stored> all;
  for (const ExampleLabels& labels : file.examples)
    for (const LabelledProgram& program : labels.programs)
      if (!program.isSample()) all.push_back({&labels, &program});
  return all;
}

struct Batch {
  std::size_t begin, end;
};

std::vector<Batch> cut(std::size_t count, Random& random) {
  std::vector<Batch> batches;
  for (std::size_t at = 0; at < count;) {
    const std::size_t size = std::min<std::size_t>(count - at, 1 + random.below(kLargestBatch));
    batches.push_back({at, at + size});
    at += size;
  }
  return batches;
}

bool sameBits(float a, float b) { return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b); }

bool same(const Evaluation& a, const Evaluation& b) {
  return a.verdict == b.verdict && sameBits(a.answerLogprob, b.answerLogprob) && sameBits(a.margin, b.margin);
}

void compare(const Stored& stored, const Evaluation& again, VerifyResult& result) {
  const Evaluation& before = stored.program->evaluation;
  result.flips += before.verdict != again.verdict;
  result.logprobs += !sameBits(before.answerLogprob, again.answerLogprob);
  result.margins += !sameBits(before.margin, again.margin);
  if (!same(before, again))
    result.differences.push_back({stored.labels->example.id, stored.program->program, before, again});
}

void writeDifference(std::ostream& out, const Difference& each) {
  out << "differs    " << each.example << " program " << each.program.text() << std::setprecision(9) << ": "
      << name(each.stored.verdict) << " → " << name(each.again.verdict) << ", answer_logprob "
      << each.stored.answerLogprob << " → " << each.again.answerLogprob << ", margin " << each.stored.margin << " → "
      << each.again.margin << "\n";
}

}  // namespace

double VerifyResult::flipBound() const {
  if (checked == 0) return 1;
  if (flips == 0) return std::min(1.0, 3.0 / static_cast<double>(checked));
  return wilson(static_cast<std::int64_t>(flips), static_cast<std::int64_t>(checked)).high;
}

std::string VerifyResult::text() const {
  std::ostringstream out;
  out << "verified   " << checked << " of " << stored << " labels, shuffled, in " << batches
      << " batches of mixed examples\n"
      << "flips      " << flips << " verdicts; with 95 % confidence at most " << std::setprecision(3)
      << 100 * flipBound() << " % of all labels (" << (flips == 0 ? "rule of three" : "Wilson") << ")\n"
      << "log p      " << logprobs << " differ in any bit\n"
      << "margin     " << margins << " differ in any bit\n";
  for (std::size_t i = 0; i < std::min(kShown, differences.size()); ++i) writeDifference(out, differences[i]);
  if (differences.size() > kShown) out << "           and " << differences.size() - kShown << " more\n";
  return out.str();
}

VerifyResult verifyLabels(const LabelFile& labels, const ProgramEvaluator& evaluator, const VerifyOptions& options,
                          const std::function<bool()>& stop) {
  const std::vector<Stored> all = searchedLabels(labels);
  std::vector<std::size_t> chosen(all.size());
  std::iota(chosen.begin(), chosen.end(), std::size_t{0});
  Random random(options.seed, "verify");
  random.shuffle(chosen);
  chosen.resize(std::min(options.count, chosen.size()));

  const std::vector<Batch> batches = cut(chosen.size(), random);
  std::vector<Evaluation> again(chosen.size());
  Progress progress("verify", "evaluations", chosen.size());
  std::atomic<bool> stopped = false;
  const tbb::global_control threads(tbb::global_control::max_allowed_parallelism,
                                    static_cast<std::size_t>(options.workers));
  tbb::task_arena arena(options.workers);
  arena.execute([&] {
    tbb::parallel_for(std::size_t{0}, batches.size(), [&](std::size_t b) {
      if (stopped || (stop && stop())) {
        stopped = true;
        return;
      }
      const Batch batch = batches[b];
      std::vector<EvaluationTask> tasks;
      for (std::size_t i = batch.begin; i < batch.end; ++i)
        tasks.push_back({&all[chosen[i]].labels->example, all[chosen[i]].program->program});
      std::vector<Evaluation> evaluations = evaluator.evaluate(tasks);
      std::move(evaluations.begin(), evaluations.end(), again.begin() + static_cast<std::ptrdiff_t>(batch.begin));
      progress.advance(tasks.size());
    });
  });
  if (stopped) throw Stopped("the verification was stopped; the labels are untouched");

  VerifyResult result{chosen.size(), all.size(), batches.size(), 0, 0, 0, {}};
  std::vector<std::size_t> inFileOrder(chosen.size());
  std::iota(inFileOrder.begin(), inFileOrder.end(), std::size_t{0});
  std::sort(inFileOrder.begin(), inFileOrder.end(), [&](auto a, auto b) { return chosen[a] < chosen[b]; });
  for (const std::size_t i : inFileOrder) compare(all[chosen[i]], again[i], result);
  return result;
}

}  // namespace polar
