#include <sstream>

#include "eval/policies/known_policies.h"
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

std::vector<PolicyVariant> policyVariants(const std::vector<std::string>& names, const std::vector<std::uint64_t>& seeds,
                                          const std::vector<double>& prices) {
  std::vector<PolicyVariant> variants;
  for (const std::string& name : names) {
    const Entry& entry = find(name);
    const std::size_t ofSeeds = entry.hasSeed ? seeds.size() : 1, points = entry.hasPrice ? prices.size() : 1;
    for (std::size_t point = 0; point < points; ++point)
      for (std::size_t i = 0; i < ofSeeds; ++i) {
        PolicyVariant variant{name, name, i, {}};
        if (entry.hasPrice) variant.price = prices[point];
        if (points > 1) variant.name += "@price=" + shortNumber(prices[point]);
        if (ofSeeds > 1) variant.name += std::string(points > 1 ? "," : "@") + "seed=" + std::to_string(seeds[i]);
        variants.push_back(std::move(variant));
      }
  }
  return variants;
}

std::unique_ptr<Policy> makePolicy(const PolicyVariant& variant, const std::vector<PolicyContext>& seeded) {
  PolicyContext context = seeded[variant.seed];
  if (variant.price) context.price = *variant.price;
  std::unique_ptr<Policy> policy = find(variant.policy).make(context);
  if (variant.name == variant.policy) return policy;
  return std::make_unique<Renamed>(std::move(policy), variant.name);
}

std::vector<std::unique_ptr<Policy>> makePolicies(const std::vector<std::string>& names,
                                                  const std::vector<PolicyContext>& seeded,
                                                  const std::vector<double>& prices) {
  std::vector<std::uint64_t> seeds;
  for (const PolicyContext& context : seeded) seeds.push_back(context.seed);
  std::vector<std::unique_ptr<Policy>> policies;
  for (const PolicyVariant& variant : policyVariants(names, seeds, prices)) policies.push_back(makePolicy(variant, seeded));
  return policies;
}

}  // namespace polar
