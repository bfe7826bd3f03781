#include "eval/report/pooled_summary.h"

#include <algorithm>
#include <map>

#include "support/hash.h"

namespace polar {
namespace {

constexpr int kResamples = 10000;

struct Member {
  const PolicyResult* result;
  const Summary* summary;
};

using Group = std::vector<Member>;

std::vector<Group> groupsOf(const SetResult& set, const std::vector<Summary>& summaries) {
  std::vector<Group> groups;
  for (std::size_t i = 0; i < summaries.size(); ++i) {
    const PolicyName& name = summaries[i].name;
    const auto same = std::ranges::find_if(groups, [&](const Group& group) {
      const PolicyName& first = group.front().summary->name;
      return name.seed && first.seed && first.variant == name.variant;
    });
    const Member member{&set.policies[i], &summaries[i]};
    if (same == groups.end())
      groups.push_back({member});
    else
      same->push_back(member);
  }
  return groups;
}

template <typename ValueOf>
Spread spreadOf(const Group& group, ValueOf valueOf) {
  Spread spread;
  spread.least = spread.most = static_cast<double>(valueOf(*group.front().summary));
  for (const Member& member : group) {
    const auto value = static_cast<double>(valueOf(*member.summary));
    spread.mean += value / static_cast<double>(group.size());
    spread.least = std::min(spread.least, value);
    spread.most = std::max(spread.most, value);
  }
  return spread;
}

// A seed that ranked fewer programs than another counts with all it has, as in the table.
std::vector<double> meanPasses(const Group& group) {
  std::vector<double> means;
  std::size_t most = 0;
  for (const Member& member : group) most = std::max(most, member.summary->passAt.size());
  for (std::size_t k = 0; k < most; ++k)
    means.push_back(spreadOf(group, [&](const Summary& one) {
                      return one.passAt.empty() ? 0 : one.passAt[std::min(k, one.passAt.size() - 1)];
                    }).mean);
  return means;
}

// Of each question that all seeds and the standard program ran: right answers of the seeds, minus as many times the
// standard program's.
std::vector<int> differencesOf(const Group& group, const PolicyResult& standard) {
  std::map<std::string, std::pair<int, int>> answers;  // question → seeds that ran it, right answers
  for (const Member& member : group)
    for (const Row& row : member.result->rows) {
      auto& [ran, right] = answers[row.exampleId];
      ++ran;
      right += firstRight(row) ? 1 : 0;
    }
  const auto seeds = static_cast<int>(group.size());
  std::vector<int> differences;
  for (const Row& row : standard.rows)
    if (const auto found = answers.find(row.exampleId); found != answers.end() && found->second.first == seeds)
      differences.push_back(found->second.second - (firstRight(row) ? seeds : 0));
  return differences;
}

void testSeeds(PooledSummary& pooled, const Group& group, const PolicyResult& standard, double confidence) {
  const std::vector<int> differences = differencesOf(group, standard);
  pooled.paired = !differences.empty();
  if (!pooled.paired) return;
  std::vector<double> means;
  for (const int difference : differences)
    means.push_back(static_cast<double>(difference) / static_cast<double>(group.size()));
  for (const double mean : means) pooled.difference += mean / static_cast<double>(means.size());
  pooled.p = signFlipExact(differences);
  pooled.differenceInterval =
      bootstrapMean(means, stableHash(pooled.set + "\n" + pooled.variant), kResamples, confidence);
}

PooledSummary pool(const Group& group, const PolicyResult* standard, double confidence) {
  const Summary& first = *group.front().summary;
  PooledSummary pooled;
  pooled.set = first.set;
  pooled.variant = first.name.variant;
  pooled.inDistribution = first.inDistribution;
  pooled.usesAnswer = first.usesAnswer;
  pooled.seeds = static_cast<std::int64_t>(group.size());
  pooled.n = first.n;
  pooled.accuracy = spreadOf(group, [](const Summary& one) { return one.accuracy; });
  pooled.executed = spreadOf(group, [](const Summary& one) { return one.executed; });
  pooled.unique = spreadOf(group, [](const Summary& one) { return one.unique; });
  pooled.layerTokens = spreadOf(group, [](const Summary& one) { return one.totalLayerTokens; });
  if (std::ranges::all_of(group, [](const Member& member) { return member.summary->costRatio.has_value(); }))
    pooled.costRatio = spreadOf(group, [](const Summary& one) { return *one.costRatio; }).mean;
  pooled.passAt = meanPasses(group);
  if (group.size() > 1) {
    if (standard) testSeeds(pooled, group, *standard, confidence);
    return pooled;
  }
  pooled.seed = first.name.seed;
  pooled.interval = first.interval;
  pooled.paired = first.paired;
  pooled.difference = first.difference;
  pooled.differenceInterval = first.differenceInterval;
  pooled.p = first.mcnemarP;
  return pooled;
}

void correctForAll(std::vector<PooledSummary>& all) {
  std::vector<PooledSummary*> tested;
  std::vector<double> p;
  for (PooledSummary& one : all)
    if (one.paired && !one.usesAnswer) {
      tested.push_back(&one);
      p.push_back(one.p);
    }
  const std::vector<double> corrected = holm(p);
  for (std::size_t i = 0; i < tested.size(); ++i) tested[i]->holmP = corrected[i];
}

}  // namespace

std::vector<PooledSummary> poolSeeds(const SetResult& set, const std::vector<Summary>& summaries, double confidence) {
  const auto standard = std::ranges::find(set.policies, "standard", &PolicyResult::policy);
  std::vector<PooledSummary> all;
  for (const Group& group : groupsOf(set, summaries))
    all.push_back(pool(group, standard == set.policies.end() ? nullptr : &*standard, confidence));
  correctForAll(all);
  return all;
}

}  // namespace polar
