#include "cli/stages.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "cli/reuse.h"
#include "cli/search_log.h"
#include "cli/stage_record.h"
#include "cli/stop_signal.h"
#include "cli/train_stage.h"
#include "cli/version.h"
#include "data/reader.h"
#include "eval/policy.h"
#include "eval/set_evaluation.h"
#include "search/mcts.h"
#include "search/oracle_search.h"
#include "search/strategies.h"
#include "store/label_store.h"
#include "support/error.h"
#include "support/files.h"
#include "support/hash.h"
#include "support/progress.h"

namespace polar {
namespace {

namespace fs = std::filesystem;
using Keys = std::map<std::string, std::string>;

std::string idsDigest(const std::vector<Example>& examples) {
  std::string ids;
  for (const Example& example : examples) ids += example.id + "\n";
  return sha256(ids);
}

std::string questionsDigest(const LoadedSet& set) { return sha256(set.sha256 + idsDigest(set.examples)); }

std::vector<std::string> idsOf(const std::vector<Example>& examples) {
  std::vector<std::string> ids;
  for (const Example& example : examples) ids.push_back(example.id);
  return ids;
}

std::size_t missingIds(const LoadedSet& set, const fs::path& parts) {
  const std::vector<std::string> stored = storedIds(parts);
  return static_cast<std::size_t>(
      std::count_if(set.examples.begin(), set.examples.end(), [&](const Example& example) {
        return !std::binary_search(stored.begin(), stored.end(), example.id);
      }));
}

// What every stage's output depends on beside the config's own keys.
Keys sharedKeys(const Session& session, const std::string& stage, const std::string& questions) {
  Keys keys = resultKeys(session.config(), stage);
  keys["(weights)"] = session.model()->weightsSha256();
  keys["(tokenizer)"] = session.tokenizer()->fingerprint();
  keys["(grader)"] = kGraderVersion;
  keys["(questions)"] = questions;
  const PromptTemplate& prompt = session.prompts()->promptTemplate();
  keys["(prompt)"] = sha256(prompt.head + '\0' + prompt.body + '\0' + prompt.open + '\0' + prompt.chat + '\0' +
                            prompt.system + '\0' + prompt.stop);
  // A menu is what its labels say, wherever the file lies.
  const std::string& menu = session.config().search.menu;
  if (!menu.empty()) keys["(menu)"] = sha256File(menu);
  return keys;
}

// What the strategy tells of itself (tree depth, UCB choices, share of multi-edit programs, …) and where the time went,
// for the questions that this call searched.
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

std::string digest(const Keys& keys) {
  std::string text;
  for (const auto& [key, value] : keys) text += key + "=" + value + "\n";
  return sha256(text);
}

LabelProvenance provenance(const Session& session, const Keys& keys, const LoadedSet& set) {
  LabelProvenance result;
  result.depth = session.model()->depth();
  result.fingerprint = digest(keys);
  // Only the keys that change results: the file is the same whatever the workers or the cut into parts.
  for (const auto& [key, value] : keys)
    if (!key.starts_with("(")) result.config += key + ": " + value + "\n";
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
  return result;
}

OracleSearchOptions searchOptions(const Session& session) {
  const SearchSettings& settings = session.config().search;
  OracleSearchOptions options;
  options.strategy = settings.strategy;
  StrategyOptions& own = options.strategyOptions;
  own = {session.editSpace(), settings.budget, settings.maxEdits, session.config().seed};
  own.round = settings.round;
  own.layerPrice = settings.layerPrice;
  own.beamWidth = settings.beamWidth;
  own.treeVariant = settings.mctsVariant == "paper" ? TreeVariant::paper : TreeVariant::transposition;
  own.reward = settings.reward == "verdict" ? Reward::verdict : Reward::logprob;
  own.logprobWeight = settings.logprobWeight;
  if (settings.exploration >= 0) own.exploration = settings.exploration;
  if (settings.lengthPenalty >= 0) own.lengthPenalty = settings.lengthPenalty;
  own.randomChild = settings.randomChild;
  own.optimism = settings.optimism;
  if (!settings.menu.empty()) options.menu = loadMenu(settings.menu, settings.menuSize, own.space.depth);
  options.minimise = settings.minimise;
  options.samples = settings.samples;
  options.sampleTemperature = settings.sampleTemperature;
  options.validationFraction = session.config().data.validationFraction;
  options.seed = session.config().seed;
  options.workers = session.workers();
  options.partExamples = settings.partExamples;
  return options;
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

void removeLogs(const fs::path& run) {
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(run, none))
    if (entry.path().filename().string().ends_with(".log.jsonl")) fs::remove(entry.path(), none);
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
  const auto labelled = std::count_if(own.begin(), own.end(), [&](const Example& one) { return committed.contains(one.id); });
  if (labelled > 0)
    logLine("resuming: " + std::to_string(labelled) + " of " + std::to_string(own.size()) +
            " questions are labelled already");
  SearchLog log(logFile(output, shard));
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

bool searchesTest(const ExperimentConfig& config) { return config.search.oracleTest && wantsPolicy(config, "oracle"); }

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
  for (const auto& [key, value] : resultKeys(config, "search")) now[key] = value;
  now["(questions)"] = questionsDigest(set);
  StageRecord(paths.run, stage, now);
  mergeParts(parts, output, idsOf(set.examples));
  record.markDone();
  logLine("wrote " + output.string());
}

// Those of the config, in its order; the oracle where the test questions were searched.
std::vector<std::unique_ptr<Policy>> configuredPolicies(const ExperimentConfig& config,
                                                        const std::vector<PolicyContext>& contexts) {
  std::vector<std::string> names;
  for (const std::string& name : config.eval.policies)
    if (name != "oracle" || searchesTest(config)) names.push_back(name);
  return makePolicies(names, contexts, config.eval.layerPrices);
}

// A set's eval/SET.json, unless an earlier call with the same keys wrote it.
void evaluateInto(const fs::path& folder, const Session& session, const LoadedSet& set, bool inDistribution,
                  const std::vector<std::unique_ptr<Policy>>& policies) {
  const ExperimentConfig& config = session.config();
  const fs::path file = folder / (set.name + ".json"), journal = folder / (set.name + ".journal.jsonl");
  if (!fs::exists(file)) {
    const SetEvaluationOptions options{config.eval.topK, session.workers(), config.eval.timedQuestions, journal};
    SetResult result = evaluateSet(set.name, inDistribution, set.examples, set.available, policies, session.evaluator(),
                                   options, stopRequested);
    result.leftOut = static_cast<std::int64_t>(set.leftOut);
    writeSetResult(file, result);
  }
  fs::remove(journal);
}

void removeStage(const RunPaths& paths, const std::string& stage) {
  const auto remove = [&](const char* name, std::initializer_list<fs::path> outputs) {
    StageRecord::remove(paths.run, name);
    for (const fs::path& output : outputs) fs::remove_all(output);
  };
  const bool search = stage == "search", train = search || stage == "train";
  if (search) remove("search", {paths.labelParts, paths.labels});
  if (search) remove("oracle", {paths.oracleParts, paths.oracle});
  if (search) removeLogs(paths.run);
  if (train) removeTrainRecords(paths);
  if (train) fs::remove_all(paths.predictor);
  remove("eval", {paths.eval, paths.report});
}

}  // namespace

LabelFile requireLabels(const fs::path& file, const std::string& command) {
  if (!fs::exists(file))
    throw InputError(file.string(), "no such file", "the labels of a finished search", "run polar " + command + " first");
  return readLabels(file);
}

RunPaths::RunPaths(const fs::path& folder)
    : run(folder), config(folder / "config.yaml"), labelParts(folder / "labels"), labels(folder / "labels.h5"),
      oracleParts(folder / "oracle"), oracle(folder / "oracle.h5"), predictor(folder / "predictor"),
      eval(folder / "eval"), report(folder / "report") {}

void checkNames(const ExperimentConfig& config) {
  makeStrategy(config.search.strategy, {});
  requirePolicyNames(config.eval.policies);
}

void prepareRun(const RunPaths& paths, const std::string& stage, Start start) {
  requireWritableFolder(paths.run);
  if (start == Start::fresh) removeStage(paths, stage);
}

void searchStage(const Session& session, const RunPaths& paths, const Shard& shard, Start start) {
  const ExperimentConfig& config = session.config();
  const LoadedSet train = loadTrainSet(config.data);
  const Keys keys = sharedKeys(session, "search", questionsDigest(train));
  // Files that cannot be used are refused before anything is written.
  const OracleSearchOptions options = searchOptions(session);
  const bool open = start == Start::fresh || !fs::exists(paths.labels) ||
                    (searchesTest(config) && !fs::exists(paths.oracle));
  const auto stored = open ? loadReusable(session, provenance(session, keys, train))
                           : std::make_shared<const StoredEvaluations>();
  prepareRun(paths, "search", start);
  StageRecord record(paths.run, "search", keys);
  writeFileAtomically(paths.config, resolvedYaml(config));
  if (!record.done() || !fs::exists(paths.labels)) {
    if (searchSet(session, train, keys, options, shard, stored, paths.labelParts, paths.labels)) record.markDone();
  }
  if (!searchesTest(config)) return;
  const LoadedSet test = loadTestSet(config.data, config.data.test);
  const Keys testKeys = sharedKeys(session, "search", questionsDigest(test));
  StageRecord oracleRecord(paths.run, "oracle", testKeys);
  if (oracleRecord.done() && fs::exists(paths.oracle)) return;
  OracleSearchOptions oracleOptions = options;
  oracleOptions.samples = 0;
  logLine("searching the test questions, for the policy `oracle` alone");
  if (searchSet(session, test, testKeys, oracleOptions, shard, stored, paths.oracleParts, paths.oracle))
    oracleRecord.markDone();
}

void checkSearchFiles(const Session& session) {
  searchOptions(session);
  const LoadedSet train = loadTrainSet(session.config().data);
  loadReusable(session, provenance(session, sharedKeys(session, "search", questionsDigest(train)), train));
}

std::string searchCaveat(const Session& session) {
  const OracleSearchOptions options = searchOptions(session);
  if (options.strategy != "mcts" || !staysAtDepthOne(options.strategyOptions)) return "";
  if (options.strategyOptions.maxEdits < 2)
    return "mcts with search.max_edits=1 asks single edits in random order: there is no tree";
  return "mcts never leaves depth 1: each of " + std::to_string(singleEdits(options.strategyOptions.space).size()) +
         " single edits comes before any second one, and search.budget is " +
         std::to_string(options.strategyOptions.budget) + "; search.mcts_variant=transposition goes deeper";
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

void evalStage(const Session& session, const RunPaths& paths, Start start) {
  const ExperimentConfig& config = session.config();
  const LabelFile labels = requireLabels(paths.labels, "search");
  std::vector<LoadedSet> sets;
  std::string questions;
  for (const DatasetSettings& settings : testSets(config.data)) {
    sets.push_back(loadTestSet(config.data, settings));
    questions += questionsDigest(sets.back());
  }
  Keys keys = sharedKeys(session, "eval", sha256(questions));
  keys["(labels)"] = labels.provenance.fingerprint;
  if (start == Start::resumed && StageRecord(paths.run, "eval", keys).done()) return;

  PolicyContext context;
  context.space = session.editSpace();
  context.maxEdits = config.search.maxEdits;
  context.beam = config.eval.beam;
  context.sampleTemperature = config.search.sampleTemperature;
  context.votes = config.eval.votes;
  context.folds = config.train.folds;
  context.labels = &labels.examples;
  context.model = session.model();
  context.prompts = session.prompts();
  context.evaluator = &session.evaluator();
  context.workers = session.workers();
  LabelFile oracle;
  if (searchesTest(config)) oracle = requireLabels(paths.oracle, "search");
  context.oracleLabels = &oracle.examples;
  // Made once for all sets, since some tune themselves.
  std::vector<std::unique_ptr<Policy>> policies =
      configuredPolicies(config, trainedContexts(session, paths, context));

  prepareRun(paths, "eval", start);
  StageRecord record(paths.run, "eval", keys);
  writeFileAtomically(paths.config, resolvedYaml(config));
  requireWritableFolder(paths.eval);
  for (std::size_t i = 0; i < sets.size(); ++i) {
    // The oracle knows the labels of the first set's questions alone.
    if (i > 0) std::erase_if(policies, [](const auto& policy) { return policy->usesAnswer(); });
    evaluateInto(paths.eval, session, sets[i], i == 0, policies);
  }
  record.markDone();
}

}  // namespace polar
