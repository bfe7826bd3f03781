// polar bench CONFIG: throughput of the executors on the config's
// own model, prompts and kind of programs; JSON on stdout.
#include <ATen/ATen.h>
#include <sys/resource.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <memory>

#include "cli/bench_signature.h"
#include "cli/commands.h"
#include "interchange/json_lines.h"
#include "search/strategies.h"
#include "stages/session.h"
#include "support/error.h"
#include "support/files.h"
#include "support/machine.h"
#include "support/output.h"
#include "support/progress.h"
#include "support/random.h"
#include "support/version.h"
#include "support/whole_number.h"

namespace polar {
namespace {

using Json = nlohmann::ordered_json;

struct BenchOptions {
  std::string config, executors = "shared,plain";
  std::vector<std::string> overrides;
  int questions = 20, programs = 40;
  bool sameForAll = false;
  std::string evaluations;  // file
  bool signature = false;
};

double secondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Multiply-adds of one layer execution of one token, times 2: its matrices; attention's own products are left out.
double layerTokenFlop(const ModelConfig& config) {
  const double attention = 2.0 * config.heads * config.headSize + 2.0 * config.kvHeads * config.headSize;
  return 2.0 * config.width * (attention + 3.0 * config.feedForward);
}

// What a plain product reaches on the model's device in a second or two: every worker
// multiplies [96, width], on a GPU [1024, width], by the feed-forward's matrix.
double gemmGflops(const LanguageModel& model, int workers) {
  const ModelConfig& config = model.config();
  const at::TensorOptions options = model.tensorOptions();
  const std::int64_t rows = options.device().is_cpu() ? 96 : 1024;
  const at::Tensor x = at::rand({rows, config.width}, options),
                   weight = at::rand({config.feedForward, config.width}, options);
  const double flop = 2.0 * static_cast<double>(rows) * config.width * config.feedForward;
  const int tasks = 16 * workers, repeats = std::max(10, static_cast<int>(6e9 / flop));
  tbb::task_arena arena(workers);
  const auto run = [&] {
    arena.execute([&] {
      tbb::parallel_for(
          0, tasks,
          [&](int) {
            const at::InferenceMode inference;
            useOneThread();
            at::Tensor out;
            for (int i = 0; i < repeats; ++i) out = at::linear(x, weight);
            out.narrow(0, 0, 1).to(at::kCPU);  // a GPU is waited for
          },
          tbb::simple_partitioner());
    });
  };
  run();
  const auto start = std::chrono::steady_clock::now();
  run();
  return flop * repeats * tasks / secondsSince(start) / 1e9;
}

// Random programs of the config's edit space, whatever its strategy: a throughput must not depend on the answers. Other
// ones for every question, as a search that learns asks; or the same for all, as `enumerate` and `menu` ask.
std::vector<Program> programsFor(const Session& session, const Example& example, const BenchOptions& bench) {
  const int count = bench.programs;
  StrategyOptions options{session.config().search, session.model()->depth(),
                          Random(session.config().seed, bench.sameForAll ? "bench" : example.id).next()};
  options.strategy = "random";
  options.budget = count;
  const auto strategy = makeStrategy(options);
  std::vector<Program> programs;
  for (Candidate& candidate : strategy->ask(static_cast<std::size_t>(count)))
    programs.push_back(std::move(candidate.program));
  return programs;
}

constexpr std::size_t kTogether = 1024;  // evaluations of one call, about

using Tasks = std::vector<std::vector<EvaluationTask>>;  // by question
using Evaluations = std::vector<std::vector<Evaluation>>;

// One JSON line an evaluation: what another implementation needs to run the same and to compare.
void writeEvaluations(const std::string& file, const Session& session, const Tasks& tasks,
                      const Evaluations& evaluations) {
  std::string lines;
  for (std::size_t q = 0; q < tasks.size(); ++q) {
    const auto prompt = session.prompts()->build(*tasks[q].front().example).tokens;
    for (std::size_t i = 0; i < tasks[q].size(); ++i) {
      const Evaluation& one = evaluations[q][i];
      lines += Json{{"question", q},
                    {"prompt_ids", prompt},
                    {"program", tasks[q][i].program.layers()},
                    {"token_ids", one.tokens},
                    {"steps", one.decodeLayerTokens / std::max(1, one.executed) + 1},
                    {"margin", one.margin},
                    {"verdict", name(one.verdict)}}
                   .dump() +
               "\n";
    }
  }
  writeFileAtomically(file, lines);
}

// Questions that go through the executor in one call: as many as a worker holds in a search, and no worker much longer
// than another.
std::vector<std::vector<std::size_t>> groupsOf(const Session& session, const Tasks& tasks, int workers,
                                               std::size_t evaluations) {
  std::vector<std::pair<std::size_t, std::size_t>> bySize;
  for (std::size_t q = 0; q < tasks.size(); ++q)
    bySize.emplace_back(session.prompts()->build(*tasks[q].front().example).tokens.size() * tasks[q].size(), q);
  std::sort(bySize.rbegin(), bySize.rend());
  const std::size_t count = std::max(static_cast<std::size_t>(workers), evaluations / kTogether);
  std::vector<std::vector<std::size_t>> groups(std::min(tasks.size(), count));
  std::vector<std::size_t> sizes(groups.size());
  for (const auto& [size, q] : bySize) {
    const auto least = static_cast<std::size_t>(std::min_element(sizes.begin(), sizes.end()) - sizes.begin());
    groups[least].push_back(q);
    sizes[least] += size;
  }
  return groups;
}

// The plain product before and after the run, their mean beside
// it: on a shared machine rates drift by a tenth in minutes.
Json measure(const Session& session, const Tasks& tasks, int workers, Evaluations& results) {
  std::size_t evaluations = 0;
  for (const auto& question : tasks) evaluations += question.size();
  const std::vector<std::vector<std::size_t>> groups = groupsOf(session, tasks, workers, evaluations);
  const double gemmBefore = gemmGflops(*session.model(), workers);
  const ExecutorWork before = session.executor().work();
  tbb::task_arena arena(workers);
  const auto start = std::chrono::steady_clock::now();
  arena.execute([&] {
    tbb::parallel_for(
        std::size_t{0}, groups.size(),
        [&](std::size_t g) {
          std::vector<EvaluationTask> together;
          for (const std::size_t q : groups[g]) together.insert(together.end(), tasks[q].begin(), tasks[q].end());
          auto evaluated = session.evaluator().evaluate(together);
          auto next = evaluated.begin();
          for (const std::size_t q : groups[g])
            for (std::size_t i = 0; i < tasks[q].size(); ++i) results[q].push_back(std::move(*next++));
        },
        tbb::simple_partitioner());
  });
  const double seconds = secondsSince(start);
  const ExecutorWork after = session.executor().work();
  const double computed = static_cast<double>(after.computed - before.computed);
  const double gflops = computed * layerTokenFlop(session.model()->config()) / seconds / 1e9;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const double gemm = (gemmBefore + gemmGflops(*session.model(), workers)) / 2;
  return {{"executor", session.config().runtime.executor},
          {"evaluations", evaluations},
          {"seconds", seconds},
          {"evaluations_per_second", static_cast<double>(evaluations) / seconds},
          {"layer_tokens",
           {{"asked", after.asked - before.asked},
            {"computed", after.computed - before.computed},
            {"avoided_by_layers", after.byLayers - before.byLayers},
            {"avoided_by_head", after.byHead - before.byHead},
            {"avoided_by_last_rows", after.byLast - before.byLast},
            {"avoided_by_draft", after.byDraft - before.byDraft}}},
          {"gflops", gflops},
          {"gemm_gflops", gemm},
          {"share_of_gemm", gflops / gemm},
          {"peak_rss_bytes", usage.ru_maxrss * 1024}};
}

Tasks tasksOf(const Session& session, const LoadedSet& set, const BenchOptions& options) {
  Tasks tasks;
  for (const Example& example : set.examples) {
    tasks.emplace_back();
    for (Program& program : programsFor(session, example, options))
      tasks.back().push_back({&example, std::move(program)});
  }
  return tasks;
}

void printSignature(const ExperimentConfig& config, const LoadedSet& set, const BenchOptions& options) {
  const Session session(config);
  std::vector<EvaluationTask> all;
  for (auto& question : tasksOf(session, set, options))
    std::move(question.begin(), question.end(), std::back_inserter(all));
  writeText(std::to_string(signatureOf(all, session.evaluator().evaluate(all))) + "\n");
}

void bench(const BenchOptions& options) {
  ExperimentConfig config = loadExperiment(options.config, options.overrides);
  config.data.train.limit = options.questions;
  const LoadedSet set = loadSet(config.data.train);
  if (options.signature) return printSignature(config, set, options);
  Json result{{"tool", versionText()},
              {"machine", machineInWords(config.model.device)},
              {"model", config.model.path},
              {"questions", set.examples.size()},
              {"programs_per_question", options.programs}};
  std::istringstream names(options.executors);
  Json runs = Json::array();
  for (std::string name; std::getline(names, name, ',');) {
    config.runtime.executor = name;
    const Session session(config);
    const int workers = session.workers();
    result["workers"] = workers;
    logLine("bench: " + name + ", " + std::to_string(set.examples.size()) + " questions");
    const Tasks tasks = tasksOf(session, set, options);
    std::size_t promptTokens = 0;
    for (const auto& question : tasks)
      promptTokens += session.prompts()->build(*question.front().example).tokens.size();
    result["prompt_tokens"] = static_cast<double>(promptTokens) / static_cast<double>(tasks.size());
    Evaluations evaluations(tasks.size());
    runs.push_back(measure(session, tasks, workers, evaluations));
    if (!options.evaluations.empty()) writeEvaluations(options.evaluations, session, tasks, evaluations);
  }
  if (runs.size() == 2)
    result["ratio"] = runs[0]["evaluations_per_second"].get<double>() / runs[1]["evaluations_per_second"].get<double>();
  result["runs"] = std::move(runs);
  printJsonLine(result);
}

}  // namespace

void addBench(CLI::App& app) {
  auto options = std::make_shared<BenchOptions>();
  CLI::App* command = app.add_subcommand("bench", "throughput of the executors on a config's model and prompts; JSON");
  command->add_option("config", options->config, "the experiment's YAML")->required();
  command->add_option("--questions", options->questions, "train questions to run")
      ->check(wholeNumber(1))
      ->capture_default_str();
  command->add_option("--programs", options->programs, "random programs a question")
      ->check(wholeNumber(1))
      ->capture_default_str();
  command->add_option("--executors", options->executors, "one or two names, by comma; two give a ratio")
      ->capture_default_str();
  command->add_flag("--same-programs", options->sameForAll,
                    "the same programs for every question (as enumerate and menu ask)");
  command->add_option("--evaluations", options->evaluations, "JSON lines: prompt ids, program, generated ids of each");
  command->add_flag(
      "--signature", options->signature,
      "no clocks: print one number of what the evaluations came out as; tests/cli/signature.txt has the quickstart's");
  command->add_option("overrides", options->overrides, "key=value: any key of the YAML");
  command->callback([options] { bench(*options); });
}

}  // namespace polar
