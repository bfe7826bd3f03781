// polar run, search, train, eval: an experiment's stages from one YAML.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands.h"
#include "search/verify.h"
#include "stages/run_lock.h"
#include "stages/run_plan.h"
#include "stages/shard.h"
#include "stages/stages.h"
#include "support/error.h"
#include "support/output.h"
#include "support/progress.h"
#include "support/stop_signal.h"
#include "support/whole_number.h"

namespace polar {
namespace {

struct RunOptions {
  std::string config;
  std::vector<std::string> overrides;
  std::int64_t limit = 0;
  bool fresh = false;
  std::string shard;        // search only
  std::int64_t verify = 0;  // search only
};

void limitSet(DatasetSettings& set, std::int64_t limit) {
  set.limit = set.limit == 0 ? limit : std::min(set.limit, limit);
}

ExperimentConfig configOf(const RunOptions& options) {
  ExperimentConfig config = loadExperiment(options.config, options.overrides);
  if (options.limit > 0) {
    limitSet(config.data.train, options.limit);
    limitSet(config.data.test, options.limit);
    for (DatasetSettings& set : config.data.ood) limitSet(set, options.limit);
    // A trial must not keep the whole run from its name.
    config.name += "-limit" + std::to_string(options.limit);
  }
  return config;
}

// Only `search` is divided: an engine that starts several `polar run` would have each of them train.
Shard searchShard(const RunOptions& options, const ExperimentConfig& config) {
  const Shard shard = shardOf(options.shard);
  if (options.fresh && !shard.whole())
    throw InputError("--fresh", shard.inWords(), "one process",
                     "each shard would remove what the others wrote: run it once with --shard 0/1, or remove " +
                         config.runFolder().string());
  pickDevice(shard, config.model.device);
  return shard;
}

void verifySearch(const Session& session, const RunPaths& paths, std::int64_t count) {
  if (!std::filesystem::exists(paths.labels))
    throw InputError(paths.labels.string(), "no such file", "the joined labels of all shards",
                     "let the other shards finish first");
  const LabelFile labels = readLabels(paths.labels);
  const bool cpu = session.config().model.device == "cpu";
  const VerifyOptions options{static_cast<std::size_t>(count), session.config().seed,
                              cpu ? session.workers() + 1 : 1};  // another number than the search had
  const VerifyResult result = verifyLabels(labels, session.evaluator(), options, stopRequested);
  writeText(result.text());
  if (!result.differences.empty())
    throw CheckFailed(paths.labels.string() + ": " + std::to_string(result.differences.size()) + " of " +
                      std::to_string(result.checked) +
                      " labels came out otherwise; polar model checks this machine's arithmetic");
}

// The stages that a command runs.
struct Span {
  Stage first, last;
  bool isOne(Stage stage) const { return first == stage && last == stage; }
  bool isWhole() const { return first == Stage::search && last == Stage::report; }
};

void runStages(const RunOptions& options, Span span) {
  const ExperimentConfig config = configOf(options);
  checkNames(config);
  const Shard shard = span.isOne(Stage::search) ? searchShard(options, config) : Shard{};
  const RunPaths paths(config.runFolder());
  // Shards of one search write side by side; nothing else does.
  RunLock lock(paths.run, shard.whole() ? Use::exclusive : Use::shared);
  const Session session(config);
  stopAtSafePoints();
  // What a later stage would refuse after the search's hours.
  if (span.isWhole() && (options.fresh || !std::filesystem::exists(paths.labels))) planRun(session);
  for (const StageEntry& entry : stages()) {
    if (entry.stage < span.first || entry.stage > span.last) continue;
    // The first stage removes what those after it wrote.
    const Start start = options.fresh && entry.stage == span.first ? Start::fresh : Start::resumed;
    entry.run({session, paths, shard, start, lock});
  }
  if (options.verify > 0) verifySearch(session, paths, options.verify);
  if (span.isOne(Stage::search) && std::filesystem::exists(paths.labels)) logLine("labels: " + paths.labels.string());
  if (span.isOne(Stage::train)) logLine("predictor: " + paths.predictor.string());
}

void addStages(CLI::App& app, const char* name, const char* help, Span span) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand(name, help);
  command->add_option("config", options->config, "the experiment's YAML")->required();
  command->add_option("overrides", options->overrides, "key=value: any key of the YAML, e.g. search.budget=20");
  command
      ->add_option("--limit", options->limit, "only the first N questions of every set; the run is named NAME-limitN")
      ->check(wholeNumber(1));
  command->add_flag("--fresh", options->fresh,
                    "remove what this stage and those after it wrote, and start anew; other files stay");
  if (span.isOne(Stage::search)) {
    command->add_option("--shard", options->shard,
                        "i/n, counted from 0: every n-th question from the i-th on, beside other shards in one folder; "
                        "default: what Slurm, Open MPI or torchrun set; 0/1 searches all");
    command
        ->add_option("--verify", options->verify,
                     "after the search, run N of its labels again in other batches; exit 4 where any bit differs")
        ->check(wholeNumber(1));
  }
  command->callback([options, span] { runStages(*options, span); });
}

}  // namespace

void addRun(CLI::App& app) {
  addStages(app, "run", "search, train, eval and report in order; resumes where it stopped",
            {Stage::search, Stage::report});
  addStages(app, "search", "oracle labels: run programs on the train questions and grade the answers",
            {Stage::search, Stage::search});
  addStages(app, "train", "fit the program predictor to the labels", {Stage::train, Stage::train});
  addStages(app, "eval", "run the policies on the test sets, and report", {Stage::eval, Stage::report});
}

}  // namespace polar
