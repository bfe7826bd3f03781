#include "eval/evaluation_table.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>

#include "program/program.h"

namespace polar {
namespace {

bool rightWithin(const Row& row, std::size_t k) {
  const auto end = row.trials.begin() + static_cast<std::ptrdiff_t>(std::min(k, row.trials.size()));
  return std::any_of(row.trials.begin(), end, [](const Trial& trial) { return trial.verdict == Verdict::right; });
}

PolicyName nameOf(const PolicyResult& result) {
  PolicyName name = parsePolicyName(result.policy);
  if (result.seed) name.seed = result.seed;
  if (result.price) name.price = result.price;
  return name;
}

double share(std::int64_t count, std::int64_t n) {
  return n == 0 ? 0 : static_cast<double>(count) / static_cast<double>(n);
}

void countVerdicts(Summary& summary, const std::vector<Row>& rows, double confidence) {
  std::map<int, std::pair<std::int64_t, std::int64_t>> levels;
  for (const Row& row : rows) {
    summary.right += firstRight(row) ? 1 : 0;
    summary.undecided += row.trials.front().verdict == Verdict::undecided ? 1 : 0;
    if (!row.level) continue;
    auto& [right, n] = levels[*row.level];
    right += firstRight(row) ? 1 : 0;
    ++n;
  }
  summary.accuracy = share(summary.right, summary.n);
  summary.interval = wilson(summary.right, summary.n, confidence);
  summary.perLevel.assign(levels.begin(), levels.end());
}

void averageCosts(Summary& summary, const std::vector<Row>& rows) {
  if (rows.empty()) return;
  const auto mean = [&](auto valueOf) {
    double sum = 0;
    for (const Row& row : rows) sum += static_cast<double>(valueOf(row));
    return sum / static_cast<double>(rows.size());
  };
  summary.executed = mean([](const Row& row) { return row.trials.front().executed; });
  summary.unique = mean([](const Row& row) { return row.trials.front().unique; });
  summary.prefillLayerTokens = mean([](const Row& row) { return row.trials.front().prefillLayerTokens; });
  summary.decodeLayerTokens = mean([](const Row& row) { return row.trials.front().decodeLayerTokens; });
  summary.choosingLayerTokens = mean([](const Row& row) { return row.choosingLayerTokens; });
  summary.totalLayerTokens = mean(totalLayerTokens);
  double seconds = 0;
  std::int64_t timed = 0;
  for (const Row& row : rows) {
    ++summary.executedCounts[row.trials.front().executed];
    ++summary.uniqueCounts[row.trials.front().unique];
    timed += row.seconds ? 1 : 0;
    seconds += row.seconds.value_or(0);
  }
  if (timed > 0) summary.seconds = seconds / static_cast<double>(timed);
}

void countPasses(Summary& summary, const std::vector<Row>& rows) {
  std::size_t most = 0;
  for (const Row& row : rows) most = std::max(most, row.trials.size());
  for (std::size_t k = 1; k <= most; ++k) {
    const auto passed = std::count_if(rows.begin(), rows.end(), [&](const Row& row) { return rightWithin(row, k); });
    summary.passAt.push_back(share(passed, summary.n));
  }
}

void describeChoices(Summary& summary, const std::vector<Row>& rows, int depth) {
  std::map<std::string, std::int64_t> counts;
  for (const Row& row : rows) ++counts[row.trials.front().program];
  summary.distinct = static_cast<std::int64_t>(counts.size());
  const std::string standard = Program::standard(depth).text();
  std::int64_t most = 0;
  for (const auto& [program, count] : counts) {
    const double p = share(count, summary.n);
    summary.entropy -= p * std::log2(p);
    if (program == standard) summary.standardShare = p;
    if (count > most) {
      most = count;
      summary.commonest = program;
      summary.commonestShare = p;
    }
  }
  summary.entropy = std::max(0.0, summary.entropy);  // one program alone gives -0
}

void pairWithStandard(Summary& summary, const std::vector<Row>& rows, const std::vector<Row>& standardRows,
                      double confidence) {
  std::map<std::string, const Row*> standardOf;
  for (const Row& row : standardRows) standardOf[row.exampleId] = &row;
  PairedCounts pairs;
  std::int64_t cost = 0, standardCost = 0;
  for (const Row& row : rows) {
    const auto standard = standardOf.find(row.exampleId);
    if (standard == standardOf.end()) continue;
    pairs.add(firstRight(row), firstRight(*standard->second));
    cost += totalLayerTokens(row);
    standardCost += totalLayerTokens(*standard->second);
  }
  if (standardCost > 0) summary.costRatio = static_cast<double>(cost) / static_cast<double>(standardCost);
  summary.paired = pairs.all() > 0;
  summary.gained = pairs.onlyA;
  summary.lost = pairs.onlyB;
  summary.difference = share(summary.gained - summary.lost, pairs.all());
  summary.mcnemarP = mcnemarExact(summary.gained, summary.lost);
  summary.differenceInterval = pairedDifference(pairs, confidence);
}

}  // namespace

bool firstRight(const Row& row) { return rightWithin(row, 1); }

std::int64_t totalLayerTokens(const Row& row) {
  const Trial& first = row.trials.front();
  return first.prefillLayerTokens + first.decodeLayerTokens + row.choosingLayerTokens;
}

std::vector<Summary> summarise(const SetResult& set, double confidence) {
  const auto standard = std::find_if(set.policies.begin(), set.policies.end(),
                                     [](const PolicyResult& result) { return result.policy == "standard"; });
  std::vector<Summary> summaries;
  for (const PolicyResult& result : set.policies) {
    for (const Row& row : result.rows)
      if (row.trials.empty()) throw std::logic_error("summarise: a row without a trial: " + row.exampleId);
    Summary summary;
    summary.set = set.name;
    summary.policy = result.policy;
    summary.name = nameOf(result);
    summary.inDistribution = set.inDistribution;
    summary.usesAnswer = result.usesAnswer;
    summary.n = static_cast<std::int64_t>(result.rows.size());
    countVerdicts(summary, result.rows, confidence);
    averageCosts(summary, result.rows);
    countPasses(summary, result.rows);
    describeChoices(summary, result.rows, set.depth);
    if (result.policy == "standard")
      summary.costRatio = 1;
    else if (standard != set.policies.end())
      pairWithStandard(summary, result.rows, standard->rows, confidence);
    summaries.push_back(std::move(summary));
  }
  return summaries;
}

}  // namespace polar
