// Policies: anything that ranks programs for an example at test time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/experiment.h"
#include "data/example.h"
#include "program/edit.h"
#include "program/program.h"
#include "store/label_store.h"

namespace polar {

class QuestionEncoder;
class ProgramPredictor;

class Policy {
 public:
  virtual ~Policy() = default;
  virtual std::string name() const = 0;
  // Up to k distinct programs, best first, at least one. A pure function of the example: never of its reference answer,
  // but for policies marked by usesAnswer(). Thread-safe.
  virtual std::vector<Program> rank(const Example& example, int k) const = 0;
  // True: looks at the answer under test (oracle). Reports mark it and never count it as a method.
  virtual bool usesAnswer() const { return false; }
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
};

// The list of policies: a name here is what YAML writes under `eval.policies`.
std::vector<std::string> policyNames();
// InputError on the first name that is not listed, with the nearest one.
void requirePolicyNames(const std::vector<std::string>& names);
std::unique_ptr<Policy> makePolicy(const std::string& name, const PolicyContext& context);

}  // namespace polar
