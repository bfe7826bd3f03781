#include <sstream>

#include "eval/known_policies.h"
#include "support/error.h"

namespace polar {
namespace {

struct Entry {
  const char* name;
  std::unique_ptr<Policy> (*make)(const PolicyContext&);
  bool hasSeed = false;   // trained or drawn by the run's seed
  bool hasPrice = false;  // weighs accuracy against layers
};

constexpr Entry kPolicies[] = {
    {"standard", makeStandardPolicy},
    {"random", makeRandomPolicy, true},
    {"samples", makeSamplesPolicy},
    {"static", makeStaticPolicy},
    {"shortgpt", makeShortGptPolicy},
    {"early_exit", makeEarlyExitPolicy},
    {"predictor", makePredictorPolicy, true},
    {"drllm", makeDrLlmPolicy, true},
    {"value", makeValuePolicy, true, true},
    {"cascade", makeCascadePolicy},
    {"vote", makeVotePolicy},
    {"sample_vote", makeSampleVotePolicy},
    {"oracle", makeOraclePolicy},
};

const Entry& find(const std::string& name) {
  for (const Entry& entry : kPolicies)
    if (name == entry.name) return entry;
  const std::string nearest = nearestName(name, policyNames());
  throw InputError("eval.policies", "'" + name + "'", "one of " + joinNames(policyNames()),
                   nearest.empty() ? "" : "did you mean '" + nearest + "'?");
}

// A policy under another name.
class Renamed final : public Policy {
 public:
  Renamed(std::unique_ptr<Policy> policy, std::string name) : policy_(std::move(policy)), name_(std::move(name)) {}

  std::string name() const override { return name_; }
  std::vector<Program> rank(const Example& example, int k) const override { return policy_->rank(example, k); }
  std::vector<Choice> choices(const Example& example, int k) const override { return policy_->choices(example, k); }
  std::vector<Choice> further(const Example& example, const Outcome& first) const override {
    return policy_->further(example, first);
  }
  std::size_t kept(const Example& example, const std::vector<Outcome>& ran) const override {
    return policy_->kept(example, ran);
  }
  bool usesAnswer() const override { return policy_->usesAnswer(); }
  std::string settings() const override { return policy_->settings(); }
  std::int64_t choosingLayerTokens(const Example& example) const override {
    return policy_->choosingLayerTokens(example);
  }

 private:
  std::unique_ptr<Policy> policy_;
  std::string name_;
};

std::string shortNumber(double number) {
  std::ostringstream text;
  text << number;
  return text.str();
}

}  // namespace

std::vector<Choice> Policy::choices(const Example& example, int k) const {
  std::vector<Choice> choices;
  for (Program& program : rank(example, k)) choices.push_back({std::move(program), 0, 0});
  return choices;
}

std::vector<std::string> policyNames() {
  std::vector<std::string> names;
  for (const Entry& entry : kPolicies) names.emplace_back(entry.name);
  return names;
}

void requirePolicyNames(const std::vector<std::string>& names) {
  for (const std::string& name : names) find(name);
}

std::unique_ptr<Policy> makePolicy(const std::string& name, const PolicyContext& context) {
  return find(name).make(context);
}

std::vector<std::unique_ptr<Policy>> makePolicies(const std::vector<std::string>& names,
                                                  const std::vector<PolicyContext>& seeded,
                                                  const std::vector<double>& prices) {
  std::vector<std::unique_ptr<Policy>> policies;
  for (const std::string& name : names) {
    const Entry& entry = find(name);
    const std::size_t seeds = entry.hasSeed ? seeded.size() : 1, points = entry.hasPrice ? prices.size() : 1;
    for (std::size_t point = 0; point < points; ++point)
      for (std::size_t i = 0; i < seeds; ++i) {
        PolicyContext context = seeded[i];
        if (entry.hasPrice) context.price = prices[point];
        std::string variant;
        if (points > 1) variant += "@price=" + shortNumber(context.price);
        if (seeds > 1) variant += (variant.empty() ? "@" : ",") + std::string("seed=") + std::to_string(context.seed);
        policies.push_back(entry.make(context));
        if (!variant.empty()) policies.back() = std::make_unique<Renamed>(std::move(policies.back()), name + variant);
      }
  }
  return policies;
}

}  // namespace polar
