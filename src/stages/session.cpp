#include "stages/session.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <thread>

#include "data/near_duplicates.h"
#include "data/reader.h"
#include "evaluation/model_evaluator.h"
#include "search/strategy.h"
#include "support/error.h"
#include "support/hash.h"
#include "support/progress.h"

namespace polar {

namespace {

void shuffleByHash(std::vector<Example>& examples) {
  std::vector<std::pair<std::uint64_t, Example>> keyed;
  for (Example& example : examples) {
    const std::uint64_t hash = stableHash("order\n" + normalisedQuestion(example.question));
    keyed.emplace_back(hash, std::move(example));
  }
  std::ranges::stable_sort(keyed, {}, [](const auto& each) { return each.first; });
  std::ranges::transform(keyed, examples.begin(), [](auto& each) { return std::move(each.second); });
}

// All of a dataset, in its order and from its offset on.
LoadedSet fromOffset(const DatasetSettings& settings) {
  const std::filesystem::path path = resolveDataPath(settings.path);
  LoadedSet set{settings.name, sha256File(path), readExamples(path)};
  const auto count = static_cast<std::int64_t>(set.examples.size());
  if (settings.offset >= count)
    throw InputError(path.string(), std::to_string(count) + " examples",
                     "more than the offset of " + std::to_string(settings.offset) + " that the experiment asks for");
  if (settings.order == "shuffled") shuffleByHash(set.examples);
  set.examples.erase(set.examples.begin(), set.examples.begin() + settings.offset);
  return set;
}

void cutTo(LoadedSet& set, std::int64_t limit) {
  set.available = static_cast<std::int64_t>(set.examples.size());
  if (limit > 0 && limit < set.available) set.examples.resize(static_cast<std::size_t>(limit));
}

// Several stages of one command read the same sets.
void logOnce(const std::string& text) {
  static std::set<std::string> logged;
  if (logged.insert(text).second) logLine(text);
}

NearDuplicateRule ruleOf(const DataSettings& data) {
  return {data.nearDuplicates.maskNumbers, data.nearDuplicates.jaccard};
}

}  // namespace

LoadedSet loadSet(const DatasetSettings& settings) {
  LoadedSet set = fromOffset(settings);
  cutTo(set, settings.limit);
  return set;
}

LoadedSet loadTestSet(const DataSettings& data, const DatasetSettings& settings) {
  LoadedSet set = fromOffset(settings);
  set.leftOut = removeRepeats(set.examples, ruleOf(data)).size();
  cutTo(set, settings.limit);
  return set;
}

std::vector<DatasetSettings> testSets(const DataSettings& data) {
  std::vector<DatasetSettings> sets{data.test};
  sets.insert(sets.end(), data.ood.begin(), data.ood.end());
  return sets;
}

LoadedSet loadTrainSet(const DataSettings& data) {
  LoadedSet train = loadSet(data.train);
  std::vector<Example> held;
  for (const DatasetSettings& settings : testSets(data)) {
    LoadedSet set = loadTestSet(data, settings);
    if (set.leftOut > 0)
      logOnce(set.name + ": left out as near-duplicates of other questions of the set: " + std::to_string(set.leftOut) +
              " (data.near_duplicates)");
    std::move(set.examples.begin(), set.examples.end(), std::back_inserter(held));
  }
  const auto leaked = removeLeaks(train.examples, held, ruleOf(data));
  train.leftOut = leaked.size();
  if (!leaked.empty())
    logOnce("leak guard: left out of training as near-duplicates of test questions: " + std::to_string(leaked.size()) +
            " (" + leaked.front() + (leaked.size() > 1 ? ", …)" : ")"));
  if (train.examples.empty())
    throw InputError("data.train " + data.train.path, "no question that is not a near-duplicate of a test question",
                     "questions of its own", "give another file, or set data.near_duplicates");
  return train;
}

PromptTemplate configuredTemplate(const PromptSettings& settings) {
  const InlineTemplate& given = settings.inlineTemplate;
  PromptTemplate result =
      given.present ? PromptTemplate{"inline", given.head, given.body, given.open, given.chat, given.system, given.stop}
                    : promptTemplate(settings.templateName);
  checkTemplate(result, "prompt.template");
  return result;
}

Session::Session(const ExperimentConfig& config) : config_(config) {
  // One ATen thread a worker: faster on shared cores, and results independent of the thread count (DESIGN, Workers).
  useOneThread();
  const std::filesystem::path path = resolveModelPath(config.model.path);
  tokenizer_ = loadTokenizer(path);
  prompts_ = std::make_shared<PromptBuilder>(configuredTemplate(config.prompt), tokenizer_);
  model_ = LanguageModel::load(path, {config.model.dtype, config.model.device, cacheFolder() / "self-check.json"});
  SharingOptions sharing;
  sharing.headBytes = config.runtime.headMegabytes << 20;
  sharing.leafBytes = config.runtime.leafMegabytes << 20;
  DecodingOptions decoding = decodingOptions(*prompts_, config.prompt.maxNewTokens);
  decoding.kv = kvSlots(config.model.kv);
  // The executor changes speed alone, so a config needn't name the only one that can share slots.
  std::string executor = decoding.kv == KvSlots::shared ? "plain" : config.runtime.executor;
  if (executor != "plain" && !model_->selfCheck().holds()) {
    logLine("self-check: this machine computes a row differently when there are others beside it (polar model " +
            config.model.path + "), so programs run one by one, by the plain executor");
    executor = "plain";
  }
  executor_ = timedExecutor(makeExecutor(executor, model_, decoding, sharing), executorWatch_);
  evaluator_ = makeModelEvaluator(executor_, prompts_, model_->depth(), multipleChoice(config.prompt.multipleChoice));
}

EditSpace Session::editSpace() const { return polar::editSpace(config_.search, model_->depth()); }

int Session::workers() const {
  if (config_.model.device != "cpu") return 1;
  if (config_.runtime.workers > 0) return config_.runtime.workers;
  return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

}  // namespace polar
