#include "eval/policies/policies.h"

#include <algorithm>
#include <sstream>

#include "eval/policies/known_policies.h"
#include "support/error.h"
#include "text/prompt.h"

namespace polar {
namespace {

int two(const EvalSettings&) { return 2; }
int votes(const EvalSettings& eval) { return eval.votes; }

constexpr PolicyRow kPolicies[] = {
    {.name = "standard", .make = makeStandardPolicy, .ranks = false},
    {.name = "random", .make = makeRandomPolicy, .seeded = true},
    {.name = "samples", .make = makeSamplesPolicy},
    {.name = "static", .make = makeStaticPolicy},
    {.name = "shortgpt", .make = makeShortGptPolicy},
    {.name = "early_exit", .make = makeEarlyExitPolicy},
    {.name = "predictor", .make = makePredictorPolicy, .seeded = true},
    {.name = "drllm", .make = makeDrLlmPolicy, .seeded = true, .ranks = false},
    {.name = "value", .make = makeValuePolicy, .seeded = true, .priced = true, .common = two},
    {.name = "chooser", .make = makeChooserPolicy, .seeded = true, .priced = true, .common = two},
    {.name = "distilled", .make = makeDistilledPolicy, .seeded = true, .priced = true, .common = two},
    {.name = "cascade", .make = makeCascadePolicy, .ranks = false, .answerRuns = two, .common = two},
    {.name = "vote", .make = makeVotePolicy, .ranks = false, .answerRuns = votes, .common = votes},
    {.name = "adaptive_vote",
     .make = makeAdaptiveVotePolicy,
     .priced = true,
     .ranks = false,
     .answerRuns = votes,
     .common = two},
    {.name = "evidence",
     .make = makeEvidencePolicy,
     .priced = true,
     .ranks = false,
     .answerRuns = votes,
     .common = two},
    {.name = "sample_vote", .make = makeSampleVotePolicy, .ranks = false, .answerRuns = votes},
    {.name = "oracle", .make = makeOraclePolicy, .usesAnswer = true},
};

std::string shortNumber(double number) {
  std::ostringstream text;
  text << number;
  return text.str();
}

}  // namespace

const std::vector<ExampleLabels>& PolicyContext::requireLabels() const {
  if (!labels || labels->empty())
    throw InputError(where(), "no oracle labels", "those of the train examples", "run polar search");
  return *labels;
}

bool PolicyContext::requireBoxOpen() const {
  if (!prompts)
    throw InputError(where(), "no prompts", "the template, which says how answers are read", "use polar eval");
  return prompts->promptTemplate().boxOpen();
}

std::span<const PolicyRow> policyRows() { return kPolicies; }

const PolicyRow& policyRow(const std::string& name) {
  for (const PolicyRow& row : kPolicies)
    if (name == row.name) return row;
  const std::string nearest = nearestName(name, policyNames());
  throw InputError("eval.policies", "'" + name + "'", "one of " + joinNames(policyNames()),
                   nearest.empty() ? "" : "did you mean '" + nearest + "'?");
}

std::vector<std::string> policyNames() {
  std::vector<std::string> names;
  for (const PolicyRow& row : kPolicies) names.emplace_back(row.name);
  return names;
}

void requirePolicyNames(const std::vector<std::string>& names) {
  for (const std::string& name : names) policyRow(name);
}

bool wantsPolicy(const ExperimentConfig& config, const std::string& policy) {
  return std::ranges::find(config.eval.policies, policy) != config.eval.policies.end();
}

std::unique_ptr<Policy> makePolicy(const std::string& name, const PolicyContext& context) {
  PolicyContext named = context;
  named.policy = name;
  return policyRow(name).make(named);
}

std::vector<PolicyVariant> policyVariants(const std::vector<std::string>& names,
                                          const std::vector<std::uint64_t>& seeds, const std::vector<double>& prices) {
  std::vector<PolicyVariant> variants;
  for (const std::string& name : names) {
    const PolicyRow& row = policyRow(name);
    const std::size_t ofSeeds = row.seeded ? seeds.size() : 1, points = row.priced ? prices.size() : 1;
    for (std::size_t point = 0; point < points; ++point)
      for (std::size_t i = 0; i < ofSeeds; ++i) {
        PolicyVariant variant{name, name, i, {}};
        if (row.priced) variant.price = prices[point];
        if (points > 1) variant.name += "@price=" + shortNumber(prices[point]);
        if (ofSeeds > 1) variant.name += std::string(points > 1 ? "," : "@") + "seed=" + std::to_string(seeds[i]);
        variants.push_back(std::move(variant));
      }
  }
  return variants;
}

NamedPolicy makePolicy(const PolicyVariant& variant, const std::vector<PolicyContext>& seeded) {
  PolicyContext context = seeded[variant.seed];
  if (variant.price) context.price = *variant.price;
  return {variant.name, makePolicy(variant.policy, context), policyRow(variant.policy).usesAnswer};
}

}  // namespace polar
