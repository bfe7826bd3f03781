// The list of policies, what they are made from, and the variants of an evaluation.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/experiment.h"
#include "eval/policy.h"
#include "program/edit.h"
#include "store/label_store.h"

namespace polar {

class LanguageModel;
class LayerRouter;
class MenuModel;
class ProgramEvaluator;
class ProgramPredictor;
class PromptBuilder;
class QuestionEncoder;
class QuestionFeatures;

// What policies are made from. Pointers may be null where a stage did not run; a policy that needs one says so by
// InputError ("policy 'predictor': found no trained predictor …; run polar train").
struct PolicyContext {
  std::string policy;                                              // the row's name, set where a policy is made
  std::string where() const { return "policy '" + policy + "'"; }  // in its errors
  // What several policies need; InputError where it is not there.
  const std::vector<ExampleLabels>& requireLabels() const;  // not empty
  bool requireBoxOpen() const;  // PromptTemplate::boxOpen of the prompts: how answers are read

  EditSpace space;
  int maxEdits = 1;
  std::uint64_t seed = 1;
  int beam = 5;
  const std::vector<ExampleLabels>* labels = nullptr;        // train and validation examples
  const std::vector<ExampleLabels>* oracleLabels = nullptr;  // of the very examples under test: for `oracle` alone
  std::shared_ptr<const QuestionEncoder> encoder;
  std::shared_ptr<const ProgramPredictor> predictor;
  std::shared_ptr<const QuestionFeatures> features;            // what models of a menu read
  std::shared_ptr<const MenuModel> value, chooser, distilled;  // for the policies of these names
  std::shared_ptr<const LayerRouter> router;
  int folds = 5;     // parts of the labelled questions: what is tuned on some is judged on the others
  double price = 0;  // of as many layer-tokens as the standard program's answer takes, in shares of right answers
  double sampleTemperature = 0.7;
  int votes = 5;                               // runs that a vote counts
  std::shared_ptr<const LanguageModel> model;  // for policies that look at hidden states
  std::shared_ptr<const PromptBuilder> prompts;
  const ProgramEvaluator* evaluator = nullptr;  // of the model: for policies that tune themselves (tuning.h)
  int workers = 1;                              // that may run it at the same time
};

// A row of the list, with all that the rest of Polar needs to know of a policy before it is made.
struct PolicyRow {
  using Count = int (*)(const EvalSettings&);

  const char* name;  // what YAML writes under `eval.policies`
  std::unique_ptr<Policy> (*make)(const PolicyContext&);
  bool seeded = false;         // trained or drawn by a seed: once for each of `train.seeds`
  bool priced = false;         // weighs accuracy against layers: once for each of `eval.layer_prices`
  bool usesAnswer = false;     // NamedPolicy::usesAnswer
  bool ranks = true;           // proposes up to `eval.top_k` programs; false: one
  Count answerRuns = nullptr;  // programs run for one answer, at most; none: one
  Count common = nullptr;      // programs with labels on every question that it needs; none: it needs none
};

// All policies, in the order in which messages list them.
std::span<const PolicyRow> policyRows();
// InputError where no row has the name, with the nearest one.
const PolicyRow& policyRow(const std::string& name);
std::vector<std::string> policyNames();
// InputError on the first name that is not listed.
void requirePolicyNames(const std::vector<std::string>& names);
// Whether `eval.policies` lists it.
bool wantsPolicy(const ExperimentConfig& config, const std::string& policy);
std::unique_ptr<Policy> makePolicy(const std::string& name, const PolicyContext& context);

// One policy of an evaluation: a line of its table.
struct PolicyVariant {
  std::string policy;           // of the list
  std::string name;             // in tables: "value@price=0.2,seed=3" where there are several
  std::size_t seed = 0;         // place in the list of seeds; 0 where the policy has none
  std::optional<double> price;  // where the policy has one
};

// The policies of an evaluation: `names` in order, one that has a price once for each of `prices`, one that has a seed
// once for each of `seeds` (at least one). Where there are several, names say which.
std::vector<PolicyVariant> policyVariants(const std::vector<std::string>& names,
                                          const std::vector<std::uint64_t>& seeds, const std::vector<double>& prices);
// `seeded`: the context of each seed.
NamedPolicy makePolicy(const PolicyVariant& variant, const std::vector<PolicyContext>& seeded);

}  // namespace polar
