#include "eval/known_policies.h"
#include "support/error.h"

namespace polar {
namespace {

struct Entry {
  const char* name;
  std::unique_ptr<Policy> (*make)(const PolicyContext&);
};

constexpr Entry kPolicies[] = {
    {"standard", makeStandardPolicy},   {"random", makeRandomPolicy}, {"static", makeStaticPolicy},
    {"predictor", makePredictorPolicy}, {"oracle", makeOraclePolicy},
};

const Entry& find(const std::string& name) {
  for (const Entry& entry : kPolicies)
    if (name == entry.name) return entry;
  const std::string nearest = nearestName(name, policyNames());
  throw InputError("eval.policies", "'" + name + "'", "one of " + joinNames(policyNames()),
                   nearest.empty() ? "" : "did you mean '" + nearest + "'?");
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

}  // namespace polar
