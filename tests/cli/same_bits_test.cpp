// Real prompts: every way of sharing, batching and ordering gives what the plain executor gives, bit for bit.
//
//   build/tests_cli "[.same-bits]"        2,000 evaluations, each under 13 ways; ten minutes on two cores
//   build/tests_cli "[.same-bits-gpu]"    300 of them on a GPU, in bf16
//
// The prompts need the fetched model and GSM8K; the embedded model's part runs anywhere. CI has the smaller test of
// tests/llm/shared_executor_test.cpp.
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <cstdlib>
#include <iostream>
#include <numeric>

#include "evaluation/model_evaluator.h"
#include "llm/reference.h"
#include "search/strategies.h"
#include "stages/session.h"
#include "support/random.h"

using namespace polar;
using namespace polar::testing;

namespace {

struct Work {
  std::vector<Prompt> prompts;
  std::vector<std::vector<TokenId>> answers;
  std::vector<std::vector<Program>> programs;
  std::vector<ExecutionRequest> requests;
};

// `each` random programs of up to two edits (skips, repeats x2 to x4) for a question.
Work workOf(const Session& session, int questions, int each) {
  Work work;
  DatasetSettings settings = session.config().data.train;
  settings.limit = questions;
  for (const Example& example : loadSet(settings).examples) {
    StrategyOptions options{session.config().search, session.model()->depth(), Random(7, example.id).next()};
    options.strategy = "random";
    options.maxEdits = 2;
    options.budget = each;
    work.prompts.push_back(session.prompts()->build(example));
    work.answers.push_back(session.prompts()->answerTokens(example));
    work.programs.emplace_back();
    for (Candidate& candidate : makeStrategy(options)->ask(static_cast<std::size_t>(each)))
      work.programs.back().push_back(std::move(candidate.program));
  }
  for (std::size_t q = 0; q < work.prompts.size(); ++q)
    for (const Program& program : work.programs[q])
      work.requests.push_back({work.prompts[q].tokens, work.prompts[q].headTokens, work.answers[q], &program});
  return work;
}

struct Way {
  std::string name;
  SharingOptions sharing;
  int workers = 1;
  std::size_t batch = 32;
  bool shuffled = false, head = true;
};

std::vector<Way> ways() {
  SharingOptions noDraft, tiny, large;
  noDraft.draft = false;
  tiny.headBytes = 1 << 20;
  tiny.leafBytes = 1 << 20;
  large.headBytes = std::int64_t{4} << 30;
  large.leafBytes = std::int64_t{4} << 30;
  return {{"1 worker, batches of 1", {}, 1, 1},
          {"1 worker, batches of 7", {}, 1, 7},
          {"2 workers, batches of 32", {}, 2, 32},
          {"4 workers, batches of 32", {}, 4, 32},
          {"2 workers, batches of 500", {}, 2, 500},
          {"2 workers, shuffled, batches of 32", {}, 2, 32, true},
          {"2 workers, shuffled, batches of 500", {}, 2, 500, true},
          {"no shared head", {}, 2, 32, false, false},
          {"no draft", noDraft, 2, 32},
          {"no draft, batches of 500", noDraft, 2, 500},
          {"1 MiB for heads, 1 MiB for programs that wait", tiny, 2, 32},
          {"1 MiB for heads, 1 MiB for programs that wait, batches of 500", tiny, 2, 500},
          {"4 GiB for each", large, 2, 500}};
}

std::vector<Execution> run(const ProgramExecutor& executor, std::vector<ExecutionRequest> requests, const Way& way) {
  std::vector<std::size_t> order(requests.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (way.shuffled) Random(11).shuffle(order);
  std::vector<Execution> results(requests.size());
  const tbb::global_control threads(tbb::global_control::max_allowed_parallelism,
                                    static_cast<std::size_t>(way.workers));
  tbb::task_arena arena(way.workers);
  arena.execute([&] {
    tbb::parallel_for(std::size_t{0}, (order.size() + way.batch - 1) / way.batch, [&](std::size_t b) {
      std::vector<ExecutionRequest> batch;
      const std::size_t from = b * way.batch, to = std::min(order.size(), from + way.batch);
      for (std::size_t i = from; i < to; ++i) {
        batch.push_back(requests[order[i]]);
        if (!way.head) batch.back().headTokens = 0;
      }
      auto found = executor.execute(batch);
      for (std::size_t i = from; i < to; ++i) results[order[i]] = std::move(found[i - from]);
    });
  });
  return results;
}

std::size_t differing(const std::vector<Execution>& a, const std::vector<Execution>& b) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) count += sameBits(a[i], b[i]) ? 0 : 1;
  return count;
}

// As stock kernels would do it: neither padded nor packed for a fixed order. `rows` at once.
std::vector<float> stockRows(const at::Tensor& x, const at::Tensor& weight, std::int64_t rows) {
  std::vector<at::Tensor> parts;
  for (std::int64_t from = 0; from < x.size(0); from += rows)
    parts.push_back(at::linear(x.slice(0, from, from + rows), weight));
  return toVector(at::cat(parts));
}

void compareWays(const std::string& config, int questions, int each, const std::vector<std::string>& overrides = {}) {
  const ExperimentConfig experiment = loadExperiment(sourceDir() / config, overrides);
  const Session session(experiment);
  const Work work = workOf(session, questions, each);
  const DecodingOptions decoding = decodingOptions(*session.prompts(), experiment.prompt.maxNewTokens);
  const auto plain = run(*makePlainExecutor(session.model(), decoding), work.requests, {"plain", {}, 2, 1});
  std::cout << config << ": " << work.requests.size() << " evaluations\n";
  for (const Way& way : ways()) {
    const std::size_t count =
        differing(run(*makeSharedExecutor(session.model(), decoding, way.sharing), work.requests, way), plain);
    std::cout << "  " << way.name << ": " << count << " differ from the plain executor\n" << std::flush;
    CAPTURE(way.name);
    CHECK(count == 0);
  }
}

}  // namespace

TEST_CASE("two thousand evaluations on real prompts are the same bits however they are run", "[.same-bits]") {
  compareWays("configs/quickstart.yaml", 38, 50);
  if (!publicData()) {
    skipped("POLAR_DATA is not set, so only the embedded model's part ran");
    return;
  }
  compareWays("configs/gsm8k-smollm2.yaml", 10, 10);
}

TEST_CASE("evaluations on a GPU are the same bits however they are run", "[.same-bits-gpu]") {
  if (!at::hasCUDA()) {
    skipped("no GPU, or libtorch without CUDA");
    return;
  }
  const std::vector<std::string> onGpu{"model.device=cuda", "model.dtype=bf16"};
  compareWays("configs/quickstart.yaml", 10, 20, onGpu);
  if (publicData()) compareWays("configs/gsm8k-smollm2.yaml", 5, 20, onGpu);
}

TEST_CASE("a stock batch would not have been the same bits", "[same-bits]") {
  // The negative control: the same comparison on at::linear, whose single rows take another kernel.
  const at::Tensor x = at::sin(at::arange(64 * 576, at::kFloat)).view({64, 576}),
                   weight = at::cos(at::arange(1536 * 576, at::kFloat)).view({1536, 576});
  const auto whole = stockRows(x, weight, 64), single = stockRows(x, weight, 1);
  std::size_t count = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) count += whole[i] != single[i];
  if (count == 0) WARN("on this machine at::linear gives the same bits for 1 row and for 64");
  CHECK(stockRows(x, weight, 64) == whole);
}
