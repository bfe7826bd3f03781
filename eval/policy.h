// Policies: anything that ranks programs for an example at test time.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/example.h"
#include "program/program.h"

namespace polar {

struct PromptStart;

// One thing to run: a program, greedily or by drawing tokens.
struct Choice {
  Program program;
  double temperature = 0;  // 0 = greedy
  std::uint64_t seed = 0;  // of the draw
  auto operator<=>(const Choice&) const = default;
};

// What a policy may see of a run: never whether it is right.
struct Outcome {
  float margin = 0;  // smallest top-1 minus top-2 logit on the greedy path
  std::string text;
};

class Policy {
 public:
  virtual ~Policy() = default;
  // Up to k distinct programs, best first, at least one. A pure function of the example: never of its reference answer,
  // but for policies marked by NamedPolicy::usesAnswer. Thread-safe.
  virtual std::vector<Program> rank(const Example& example, int k) const = 0;
  // What is run: rank(), greedily, unless the policy draws tokens. All differ.
  virtual std::vector<Choice> choices(const Example& example, int k) const;
  // What else is run before the answer is given. Asked after the first choice was run, and again after what it asked
  // for was run, until it asks for nothing: none by default. `ran`: the outcomes so far, in the order of the runs.
  // Each time something that was not run yet. The layers and tokens of all runs count; in prefill, what programs
  // begin with alike once.
  virtual std::vector<Choice> further(const Example&, const std::vector<Outcome>& /*ran*/) const { return {}; }
  // Whose answer is then given: an index into `ran`, all outcomes.
  virtual std::size_t kept(const Example&, const std::vector<Outcome>& /*ran*/) const { return 0; }
  // What was tuned on labels, and how: "threshold 0.95, the best of 7 on 87 validation questions". Shown in the report;
  // empty where nothing was.
  virtual std::string settings() const { return ""; }
  // What choosing costs beside the programs that it leads to. Layers of the standard program, from the first on,
  // that it runs over the very prompt: programs that begin with them go on from there, and they are paid once.
  virtual int promptLayersRead(const Example&) const { return 0; }
  // And all else: layer executions × tokens, such as another model's that reads the question.
  virtual std::int64_t choosingLayerTokens(const Example&) const { return 0; }
  // The prompt after promptLayersRead() layers, for the runs to go on from; null: none. It reads the question, so ask
  // for it right before choices(), on the same thread: a reader that remembers then reads once.
  virtual std::shared_ptr<const PromptStart> start(const Example&) const { return nullptr; }
};

// A policy as an evaluation lists it.
struct NamedPolicy {
  std::string name;  // policy_name.h: "value@price=0.2,seed=3" where there are several
  std::unique_ptr<Policy> policy;
  bool usesAnswer = false;  // looks at the answer under test (oracle): reports mark it and never count it as a method
};

}  // namespace polar
