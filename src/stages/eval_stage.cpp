#include "stages/eval_stage.h"

#include <algorithm>
#include <map>

#include "eval/json_members.h"
#include "eval/policy_name.h"
#include "eval/set_evaluation.h"
#include "stages/origin_here.h"
#include "stages/reuse.h"
#include "stages/search_stage.h"
#include "stages/train_stage.h"
#include "support/error.h"
#include "support/files.h"
#include "support/hash.h"
#include "support/progress.h"
#include "support/stop_signal.h"

namespace polar {
namespace {

namespace fs = std::filesystem;

// Says which policies are run, or how they are listed: each one's rows have a key of their own.
constexpr const char* kLists[] = {"eval.policies", "eval.layer_prices", "train.seeds", "search.oracle_test"};

// What the contexts of policies point to.
struct EvalInput {
  LabelFile labels, oracle;
  std::vector<LoadedSet> sets;
  StageKeys keys;
};

EvalInput readInput(const Session& session, const RunPaths& paths) {
  EvalInput input;
  input.labels = requireLabels(paths.labels, "search");
  if (searchesTest(session.config())) input.oracle = requireLabels(paths.oracle, "search");
  std::string questions;
  for (const DatasetSettings& settings : testSets(session.config().data)) {
    input.sets.push_back(loadTestSet(session.config().data, settings));
    questions += questionsDigest(input.sets.back());
  }
  input.keys = sharedKeys(session, Stage::eval, sha256(questions));
  input.keys["(labels)"] = input.labels.provenance.fingerprint;
  for (const char* list : kLists) input.keys.erase(list);
  // Whoever names a primary comparison is held to it; evaluations from before there was the key are not.
  if (session.config().eval.primary.empty()) input.keys.erase("eval.primary");
  if (session.config().eval.primarySets.empty()) input.keys.erase("eval.primary_sets");
  return input;
}

std::vector<PolicyContext> contextsOf(const Session& session, const RunPaths& paths, const EvalInput& input) {
  PolicyContext context = policyContext(session);
  context.labels = &input.labels.examples;
  context.oracleLabels = &input.oracle.examples;
  return trainedContexts(session, paths, context);
}

// What a policy's rows are a function of, beside the stage's keys.
std::string keyOf(const ExperimentConfig& config, const RunPaths& paths, const PolicyVariant& variant,
                  const EvalInput& input) {
  const std::uint64_t seed = trainingSeeds(config)[variant.seed];
  std::string key = variant.policy + " seed=" + std::to_string(seed);
  if (variant.price) key += " price=" + jsonLine(*variant.price);
  const std::string trained = trainedDigest(config, paths, variant.policy, seed);
  // "shared": rows from before what was read and run was counted once have another key.
  if (!trained.empty()) key += " reading=shared trained=" + trained;
  if (policyRow(variant.policy).usesAnswer) key += " labels=" + input.oracle.provenance.fingerprint;
  return key;
}

// A set, what is there of it, and what is to be run.
struct SetPlan {
  const LoadedSet* set = nullptr;
  bool inDistribution = false;
  std::vector<PolicyVariant> variants;  // of the config, in its order
  std::vector<std::string> keys;        // of each
  bool isStored = false;                // by an earlier call
  SetResult stored;
  std::vector<std::string> missing;  // keys of those to be run

  const PolicyResult* find(const std::string& key) const {
    for (const auto* policies : {&stored.policies, &stored.aside})
      for (const PolicyResult& policy : *policies)
        if (policy.key == key) return &policy;
    return nullptr;
  }
};

// By key: made once for all sets, since some tune themselves.
using MadePolicies = std::map<std::string, NamedPolicy>;

SetPlan planOf(const fs::path& file, const LoadedSet& set, bool inDistribution, const ExperimentConfig& config,
               const RunPaths& paths, const EvalInput& input, const std::vector<PolicyContext>& contexts,
               MadePolicies& made) {
  SetPlan plan{&set, inDistribution, evaluatedPolicies(config, inDistribution), {}, false, {}, {}};
  plan.isStored = !file.empty() && fs::exists(file);
  if (plan.isStored) plan.stored = readSetResult(file);
  for (const PolicyVariant& variant : plan.variants) {
    plan.keys.push_back(keyOf(config, paths, variant, input));
    if (plan.find(plan.keys.back())) continue;
    plan.missing.push_back(plan.keys.back());
    NamedPolicy& named = made[plan.keys.back()];
    if (!named.policy) named = makePolicy(variant, contexts);
  }
  return plan;
}

std::string namesOf(const std::vector<NamedPolicy>& policies) {
  std::vector<std::string> names;
  for (const NamedPolicy& named : policies) names.push_back(named.name);
  return joinNames(names);
}

// The policies of the config in its order; what is stored beside them is set aside. `run`: the missing ones' rows.
SetResult joined(SetPlan plan, SetResult run) {
  std::vector<PolicyResult> known = std::move(run.policies);
  SetResult all = std::move(run);
  all.policies.clear();
  std::vector<Origin> origins = std::move(plan.stored.origins);
  for (const Origin& origin : all.origins) addOrigin(origins, origin);
  all.origins = std::move(origins);
  for (auto* stored : {&plan.stored.policies, &plan.stored.aside})
    for (PolicyResult& policy : *stored) known.push_back(std::move(policy));
  for (std::size_t i = 0; i < plan.keys.size(); ++i) {
    const auto found = std::ranges::find(known, plan.keys[i], &PolicyResult::key);
    found->policy = plan.variants[i].name;  // one of several seeds has another name than the only one
    all.policies.push_back(std::move(*found));
    known.erase(found);
  }
  for (PolicyResult& policy : known)
    if (!policy.key.empty()) all.aside.push_back(std::move(policy));
  return all;
}

bool isListedSo(const SetPlan& plan) {
  return std::ranges::equal(plan.stored.policies, plan.keys, {}, &PolicyResult::key) &&
         std::ranges::equal(plan.stored.policies, plan.variants, {}, &PolicyResult::policy, &PolicyVariant::name);
}

// Writes eval/SET.json, but where nothing of it would change.
void evaluateInto(const fs::path& folder, const Session& session, const ProgramEvaluator& evaluator, SetPlan plan,
                  MadePolicies& made) {
  const ExperimentConfig& config = session.config();
  const LoadedSet& set = *plan.set;
  const fs::path file = folder / (set.name + ".json"), journal = folder / (set.name + ".journal.jsonl");
  if (plan.isStored && plan.missing.empty() && isListedSo(plan)) {
    fs::remove(journal);
    return;
  }
  SetResult run{set.name, plan.inDistribution, session.model()->depth(), set.available, {}};
  if (!plan.missing.empty()) {
    std::vector<NamedPolicy> policies;
    for (const std::string& key : plan.missing) policies.push_back(std::move(made.at(key)));
    if (plan.isStored)
      logLine("eval " + set.name + ": " + namesOf(policies) + "; the rows of the other policies are there already");
    const SetEvaluationOptions options{config.eval.topK, session.workers(), config.eval.timedQuestions,
                                       journal,          plan.missing,      originHere(config.model.device)};
    run = evaluateSet(set.name, plan.inDistribution, set.examples, set.available, policies, evaluator, options,
                      stopRequested);
    for (std::size_t i = 0; i < policies.size(); ++i) made[plan.missing[i]] = std::move(policies[i]);
  }
  run.leftOut = static_cast<std::int64_t>(set.leftOut);
  writeSetResult(file, joined(std::move(plan), std::move(run)));
  fs::remove(journal);
}

}  // namespace

PolicyContext policyContext(const Session& session) {
  const ExperimentConfig& config = session.config();
  PolicyContext context;
  context.space = session.editSpace();
  context.maxEdits = config.search.maxEdits;
  context.seed = config.seed;
  context.beam = config.eval.beam;
  context.price = config.eval.layerPrices.front();
  context.sampleTemperature = config.search.sampleTemperature;
  context.votes = config.eval.votes;
  context.folds = config.train.folds;
  context.model = session.model();
  context.prompts = session.prompts();
  context.evaluator = &session.evaluator();
  context.workers = session.workers();
  return context;
}

std::vector<PolicyVariant> evaluatedPolicies(const ExperimentConfig& config, bool inDistribution) {
  std::vector<std::string> names;
  for (const std::string& name : config.eval.policies)
    if (!policyRow(name).usesAnswer || (inDistribution && searchesTest(config))) names.push_back(name);
  return policyVariants(names, trainingSeeds(config), config.eval.layerPrices);
}

void requirePrimary(const ExperimentConfig& config) {
  const std::string& primary = config.eval.primary;
  std::vector<std::string> sets;
  for (const DatasetSettings& set : testSets(config.data)) sets.push_back(set.name);
  for (const std::string& name : config.eval.primarySets)
    if (std::ranges::find(sets, name) == sets.end())
      throw InputError("eval.primary_sets", "'" + name + "'", "names of test sets: " + joinNames(sets));
  if (primary.empty()) return;
  const std::string family = parsePolicyName(primary).family;
  std::vector<std::string> known;
  for (const PolicyRow& row : policyRows())
    if (!row.usesAnswer && row.name != std::string("standard")) known.emplace_back(row.name);
  if (std::ranges::find(known, family) == known.end())
    throw InputError("eval.primary", "'" + primary + "'", "one of " + joinNames(known));
  if (!wantsPolicy(config, family)) return;
  std::vector<std::string> variants;
  for (const PolicyVariant& variant : evaluatedPolicies(config, true))
    if (const PolicyName name = parsePolicyName(variant.name);
        name.family == family && std::ranges::find(variants, name.variant) == variants.end())
      variants.push_back(name.variant);
  if (std::ranges::find(variants, primary) == variants.end())
    throw InputError("eval.primary", "'" + primary + "'", "as its line of the table is called: " + joinNames(variants));
}

void evalStage(const Session& session, const RunPaths& paths, Start start, RunLock& lock) {
  const EvalInput input = readInput(session, paths);
  StageRecord record = recordOf(paths, "eval", input.keys, start);
  const std::vector<PolicyContext> contexts = contextsOf(session, paths, input);
  // Policies are made before anything is written: one that lacks
  // what it needs must not bind a later call to these keys.
  std::vector<SetPlan> plans;
  MadePolicies made;
  for (std::size_t i = 0; i < input.sets.size(); ++i) {
    const fs::path file = start == Start::fresh ? fs::path() : paths.eval / (input.sets[i].name + ".json");
    plans.push_back(planOf(file, input.sets[i], i == 0, session.config(), paths, input, contexts, made));
  }
  const bool anyRuns = std::ranges::any_of(plans, [](const SetPlan& plan) { return !plan.missing.empty(); });
  const auto stored = anyRuns ? loadReusableForTest(session, input.labels.provenance, paths.oracle)
                              : std::make_shared<StoredEvaluations>();
  const ReusingEvaluator evaluator(stored, session.evaluator());
  prepareRun(paths, Stage::eval, start, lock);
  record.claim();
  writeFileAtomically(paths.config, resolvedYaml(session.config()));
  requireWritableFolder(paths.eval);
  for (SetPlan& plan : plans) evaluateInto(paths.eval, session, evaluator, std::move(plan), made);
  if (evaluator.reused() > 0)
    logLine("eval: " + std::to_string(evaluator.reused()) + " evaluations taken over from label files");
  record.markDone();
}

}  // namespace polar
