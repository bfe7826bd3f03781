// Policies: anything that ranks programs for an example at test time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/experiment.h"
#include "data/example.h"
#include "program/edit.h"
#include "program/program.h"
#include "store/label_store.h"

namespace polar {

class LanguageModel;
class LayerRouter;
class ProgramEvaluator;
class ProgramPredictor;
class PromptBuilder;
class QuestionEncoder;
class QuestionFeatures;
class ValueModel;

// One thing to run: a program, greedily or by drawing tokens.
struct Choice {
  Program program;
  double temperature = 0;  // 0 = greedy
  std::uint64_t seed = 0;  // of the draw
  auto operator<=>(const Choice&) const = default;
};

// What a run told that a policy may look at: never whether it is right.
struct Outcome {
  float margin = 0;  // smallest top-1 minus top-2 logit on the greedy path
  std::string text;
};

class Policy {
 public:
  virtual ~Policy() = default;
  virtual std::string name() const = 0;
  // Up to k distinct programs, best first, at least one. A pure function of the example: never of its reference answer,
  // but for policies marked by usesAnswer(). Thread-safe.
  virtual std::vector<Program> rank(const Example& example, int k) const = 0;
  // What is run: rank(), greedily, unless the policy draws tokens. All differ.
  virtual std::vector<Choice> choices(const Example& example, int k) const;
  // What else is run before the answer is given, where the first choice's outcome asks for it; none by default. None of
  // them is the first choice itself. The layers and tokens of all count; in prefill, what programs begin with alike once.
  virtual std::vector<Choice> further(const Example&, const Outcome& /*first*/) const { return {}; }
  // Whose answer is then given: an index into `ran`, the first choice's outcome and those of further(), in their order.
  virtual std::size_t kept(const Example&, const std::vector<Outcome>& /*ran*/) const { return 0; }
  // True: looks at the answer under test (oracle). Reports mark it and never count it as a method.
  virtual bool usesAnswer() const { return false; }
  // What was tuned on labels, and how: "threshold 0.95, the best of 7 on 87 validation questions". Shown in the report;
  // empty where nothing was.
  virtual std::string settings() const { return ""; }
  // Layer executions × tokens that choosing costs beyond running the program (encoder), per example.
  virtual std::int64_t choosingLayerTokens(const Example&) const { return 0; }
};

// What policies are made from. Pointers may be null where a stage did not run; a policy that needs one says so by
// InputError ("policy 'predictor': found no trained predictor …; run polar train").
struct PolicyContext {
  EditSpace space;
  int maxEdits = 1;
  std::uint64_t seed = 1;
  int beam = 5;
  const std::vector<ExampleLabels>* labels = nullptr;  // train and validation examples
  const std::vector<ExampleLabels>* oracleLabels = nullptr;  // of the very examples under test: for `oracle` alone
  std::shared_ptr<const QuestionEncoder> encoder;
  std::shared_ptr<const ProgramPredictor> predictor;
  std::shared_ptr<const QuestionFeatures> features;  // what the value model reads
  std::shared_ptr<const ValueModel> value;
  std::shared_ptr<const LayerRouter> router;
  int folds = 5;  // parts of the labelled questions: what is tuned on some is judged on the others
  double price = 0;  // of as many layer-tokens as the standard program's answer takes, in shares of right answers
  double sampleTemperature = 0.7;
  int votes = 5;                                     // runs that a vote counts
  std::shared_ptr<const LanguageModel> model;        // for policies that look at hidden states
  std::shared_ptr<const PromptBuilder> prompts;
  const ProgramEvaluator* evaluator = nullptr;       // of the model: for policies that tune themselves (tuning.h)
  int workers = 1;                                   // that may run it at the same time
};

// The list of policies: a name here is what YAML writes under `eval.policies`.
std::vector<std::string> policyNames();
// InputError on the first name that is not listed, with the nearest one.
void requirePolicyNames(const std::vector<std::string>& names);
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
std::vector<PolicyVariant> policyVariants(const std::vector<std::string>& names, const std::vector<std::uint64_t>& seeds,
                                          const std::vector<double>& prices);
// `seeded`: the context of each seed.
std::unique_ptr<Policy> makePolicy(const PolicyVariant& variant, const std::vector<PolicyContext>& seeded);
// All variants, made.
std::vector<std::unique_ptr<Policy>> makePolicies(const std::vector<std::string>& names,
                                                  const std::vector<PolicyContext>& seeded,
                                                  const std::vector<double>& prices);

}  // namespace polar
