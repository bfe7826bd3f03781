#include "stages/search_stage.h"

#include <algorithm>
#include <optional>
#include <set>
#include <sstream>

#include "eval/policies/policies.h"
#include "search/oracle_search.h"
#include "stages/origin_here.h"
#include "stages/reuse.h"
#include "stages/search_log.h"
#include "stages/search_options.h"
#include "support/error.h"
#include "support/files.h"
#include "support/progress.h"
#include "support/stop_signal.h"
#include "support/version.h"

namespace polar {
namespace {

namespace fs = std::filesystem;
using Keys = StageKeys;

std::vector<std::string> idsOf(const std::vector<Example>& examples) {
  std::vector<std::string> ids;
  for (const Example& example : examples) ids.push_back(example.id);
  return ids;
}

std::size_t missingIds(const LoadedSet& set, const fs::path& parts) {
  const std::vector<std::string> stored = storedIds(parts);
  return static_cast<std::size_t>(std::count_if(set.examples.begin(), set.examples.end(), [&](const Example& example) {
    return !std::binary_search(stored.begin(), stored.end(), example.id);
  }));
}

// What the strategy reports of itself (tree depth, UCB choices, share of multi-edit
// programs, …) and where the time went, for the questions that this call searched.
void logSummary(const SearchSummary& summary, const SearchCosts& costs) {
  std::ostringstream text, time;
  text.precision(4);
  for (const auto& [name, mean] : summary.means) text << (text.tellp() > 0 ? ", " : "") << name << " " << mean;
  logLine("search, means over questions: " + text.str());
  time.precision(3);
  time << 100 * overheadOf(summary, costs) << " % of the time outside the executor (writing labels "
       << 100 * summary.writing / summary.seconds << " %)";
  if (costs.reused > 0)
    time << "; " << costs.reused << " of " << summary.evaluations << " evaluations taken over from runtime.reuse";
  logLine("search, " + time.str());
}

LabelProvenance provenance(const Session& session, const Keys& keys, const LoadedSet& set) {
  LabelProvenance result;
  result.depth = session.model()->depth();
  result.fingerprint = digest(keys);
  // Only the keys that change results: the file is the same whatever the workers or the cut into parts.
  for (const auto& [key, value] : keys)
    if (!key.starts_with('(')) result.config += key + ": " + value + "\n";
  result.toolVersion = toolVersion();
  result.gitRevision = gitRevision();
  result.weightsSha256 = session.model()->weightsSha256();
  result.tokenizerSha256 = session.tokenizer()->fingerprint();
  result.dataSha256 = set.sha256;
  result.promptTemplate = session.prompts()->promptTemplate().name;
  result.dtype = session.config().model.dtype;
  result.device = session.config().model.device;
  result.graderVersion = kGraderVersion;
  result.seed = session.config().seed;
  result.weightsFormat = session.model()->format();
  result.leftOut = static_cast<std::int32_t>(set.leftOut);
  result.computedOn = arithmeticHere(session.config().model.device);
  return result;
}

// A finished file of other labels (imported, say) must not be written over.
void requireOwn(const fs::path& labels, const std::string& fingerprint) {
  if (!fs::exists(labels) || readProvenance(labels).fingerprint == fingerprint) return;
  throw InputError(labels.string(), "labels that this search did not make", "no file, or this search's",
                   "move it away, or use another name=");
}

// The log of a set's labels: NAME.log.jsonl beside NAME.h5, one for each shard.
fs::path logFile(const fs::path& output, const Shard& shard) {
  fs::path file = output;
  return file.replace_extension(shard.whole() ? ".log.jsonl"
                                              : "." + std::to_string(shard.index) + "-of-" +
                                                    std::to_string(shard.count) + ".log.jsonl");
}

// Searches a shard's examples of one set into parts, and joins the parts where those of all shards are there: true.
bool searchSet(const Session& session, const LoadedSet& set, const Keys& keys, const OracleSearchOptions& options,
               const Shard& shard, const std::shared_ptr<const StoredEvaluations>& stored, const fs::path& parts,
               const fs::path& output) {
  const std::vector<Example> own = shard.of(set.examples);
  requireOwn(output, digest(keys));
  const ReusingEvaluator evaluator(stored, session.evaluator());
  LabelWriter writer(parts, provenance(session, keys, set));
  if (!shard.whole()) logLine(shard.inWords() + ": " + std::to_string(own.size()) + " questions");
  // The parts are those of all shards.
  const std::set<std::string> committed(writer.committed().begin(), writer.committed().end());
  const auto labelled =
      std::count_if(own.begin(), own.end(), [&](const Example& one) { return committed.contains(one.id); });
  if (labelled > 0)
    logLine("resuming: " + std::to_string(labelled) + " of " + std::to_string(own.size()) +
            " questions are labelled already");
  SearchLog log(logFile(output, shard), originHere(session.config().model.device));
  const double before = session.executorSeconds();
  const auto end = [&](const SearchSummary& summary) {
    if (summary.questions == 0) return;
    const SearchCosts costs{options.workers, session.executorSeconds() - before, evaluator.reused()};
    log.call(summary, costs);
    logSummary(summary, costs);
  };
  runOracleSearch(own, evaluator, options, writer, stopRequested,
                  {[&](const SearchedExample& searched) { log.question(searched); }, end});
  // Whichever shard commits last sees everything, so that no shard has to wait for another.
  const std::size_t missing = missingIds(set, parts);
  if (missing == 0)
    mergeParts(parts, output, idsOf(set.examples));
  else
    logLine("done; " + std::to_string(missing) + " of " + std::to_string(set.examples.size()) +
            " questions are left to the other shards, the last of which joins the labels (or polar merge)");
  return missing == 0;
}

// Joins a set's parts without the model: the search recorded what they are a function of.
void mergeSet(const RunPaths& paths, const std::string& stage, const ExperimentConfig& config, const LoadedSet& set,
              const fs::path& parts, const fs::path& output) {
  StageRecord record = StageRecord::stored(paths.run, stage);
  if (record.done() && fs::exists(output)) {
    logLine(output.string() + " is there already, joined from all shards");
    return;
  }
  // config.yaml is the last call's, and a dataset may have changed since: both must be the search's.
  Keys now = record.keys();
  for (const auto& [key, value] : resultKeys(config, Stage::search)) now[key] = value;
  now["(questions)"] = questionsDigest(set);
  [[maybe_unused]] const StageRecord same(paths.run, stage, now);  // refuses others
  mergeParts(parts, output, idsOf(set.examples));
  record.markDone();
  logLine("wrote " + output.string());
}

}  // namespace

bool searchesTest(const ExperimentConfig& config) { return config.search.oracleTest && wantsPolicy(config, "oracle"); }

void searchStage(const Session& session, const RunPaths& paths, const Shard& shard, Start start, RunLock& lock) {
  const ExperimentConfig& config = session.config();
  const LoadedSet train = loadTrainSet(config.data);
  const Keys keys = sharedKeys(session, Stage::search, questionsDigest(train));
  LoadedSet test;
  if (searchesTest(config)) test = loadTestSet(config.data, config.data.test);
  const Keys testKeys = sharedKeys(session, Stage::search, questionsDigest(test));
  // Files that cannot be used are refused before anything is written.
  const OracleSearchOptions options = searchOptions(session);
  const bool open =
      start == Start::fresh || !fs::exists(paths.labels) || (searchesTest(config) && !fs::exists(paths.oracle));
  const auto stored =
      open ? loadReusable(session, provenance(session, keys, train)) : std::make_shared<const StoredEvaluations>();
  StageRecord record = recordOf(paths, "search", keys, start);
  std::optional<StageRecord> oracleRecord;
  if (searchesTest(config)) oracleRecord = recordOf(paths, "oracle", testKeys, start);
  prepareRun(paths, Stage::search, start, lock);
  record.claim();
  if (oracleRecord) oracleRecord->claim();
  writeFileAtomically(paths.config, resolvedYaml(config));
  if (!record.done() || !fs::exists(paths.labels)) {
    if (searchSet(session, train, keys, options, shard, stored, paths.labelParts, paths.labels)) record.markDone();
  }
  if (!oracleRecord || (oracleRecord->done() && fs::exists(paths.oracle))) return;
  OracleSearchOptions oracleOptions = options;
  oracleOptions.search.samples = 0;
  logLine("searching the test questions, for the policy `oracle` alone");
  if (searchSet(session, test, testKeys, oracleOptions, shard, stored, paths.oracleParts, paths.oracle))
    oracleRecord->markDone();
}

void checkSearchFiles(const Session& session, const LoadedSet& train) {
  searchOptions(session);
  loadReusable(session, provenance(session, sharedKeys(session, Stage::search, questionsDigest(train)), train));
}

void mergeRun(const RunPaths& paths) {
  if (!fs::exists(paths.config))
    throw InputError(paths.run.string(), "no config.yaml", "the folder of a run",
                     "run polar search first, or give a folder of parts and --output");
  const ExperimentConfig config = loadExperiment(paths.config);
  mergeSet(paths, "search", config, loadTrainSet(config.data), paths.labelParts, paths.labels);
  if (searchesTest(config) && fs::exists(paths.oracleParts))
    mergeSet(paths, "oracle", config, loadTestSet(config.data, config.data.test), paths.oracleParts, paths.oracle);
}

}  // namespace polar
