#include "eval/report/primary_comparison.h"

#include <algorithm>

#include "eval/report/number_text.h"

namespace polar {
namespace {

bool isOfBoth(const PolicyResult& result, const std::string& variant) {
  return result.policy == "standard" || parsePolicyName(result.policy).variant == variant;
}

// The rows of the standard program and of the variant, of all sets that ran both, as if they were one set. The same id
// may be in two sets, so the set's name goes before it.
SetResult together(const std::vector<SetResult>& sets, const std::string& variant,
                   const std::vector<std::string>& names) {
  SetResult all;
  for (const SetResult& set : sets) {
    if (!names.empty() && std::ranges::find(names, set.name) == names.end()) continue;
    const auto ran = [&](const std::string& name) {
      return std::ranges::any_of(set.policies,
                                 [&](const PolicyResult& one) { return parsePolicyName(one.policy).variant == name; });
    };
    if (!ran("standard") || !ran(variant)) continue;
    all.name += (all.name.empty() ? "" : " and ") + set.name;
    all.depth = set.depth;
    for (const PolicyResult& result : set.policies) {
      if (!isOfBoth(result, variant)) continue;
      auto same = std::ranges::find(all.policies, result.policy, &PolicyResult::policy);
      if (same == all.policies.end()) {
        PolicyResult empty = result;
        empty.rows.clear();
        same = all.policies.insert(all.policies.end(), std::move(empty));
      }
      for (Row row : result.rows) {
        row.exampleId = set.name + "/" + row.exampleId;
        same->rows.push_back(std::move(row));
      }
    }
  }
  return all;
}

}  // namespace

std::optional<PooledSummary> primaryComparison(const std::vector<SetResult>& sets, const std::string& variant,
                                               const std::vector<std::string>& names, double confidence) {
  if (variant.empty()) return std::nullopt;
  const SetResult all = together(sets, variant, names);
  const std::vector<PooledSummary> pooled = poolSeeds(all, summarise(all, confidence), confidence);
  const auto primary = std::ranges::find(pooled, variant, &PooledSummary::variant);
  if (primary == pooled.end() || !primary->paired) return std::nullopt;
  return *primary;
}

std::string inWords(const PooledSummary& primary, double confidence) {
  const double standard = primary.accuracy.mean - primary.difference;
  return primary.variant + " against the standard program on " + primary.set + ", " + std::to_string(primary.n) +
         " questions" + (primary.seeds > 1 ? ", " + std::to_string(primary.seeds) + " seeds pooled by question" : "") +
         ": " + percent(primary.accuracy.mean) + " % against " + percent(standard) + " %, " +
         points(primary.difference) + " points " + pointsInterval(primary.differenceInterval) + " (" +
         confidenceText(confidence) + "), p " + pValue(primary.p) +
         (primary.costRatio ? ", at " + fixed(*primary.costRatio, 2) + " × its layer-tokens" : "") + ".";
}

}  // namespace polar
