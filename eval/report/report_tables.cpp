#include "eval/report/report_tables.h"

#include <algorithm>

#include "eval/report/number_text.h"

namespace polar {
namespace {

const std::string kNone = "–";

std::string count(std::int64_t value) { return std::to_string(value); }

// A policy of one program has no pass@k; fewer than k programs are all it has to offer, and count as such.
std::string passAtMost(const std::vector<double>& passAt, std::size_t k) {
  return passAt.size() < 2 ? kNone : percent(passAt[std::min(k, passAt.size()) - 1]);
}

std::string ratioText(const std::optional<double>& ratio) { return ratio ? fixed(*ratio, 2) : kNone; }

template <typename T>
std::vector<T> joined(std::vector<T> front, const std::vector<T>& back) {
  front.insert(front.end(), back.begin(), back.end());
  return front;
}

// The last column of a table that shows pass@k: none where no policy ranks more than one program.
std::vector<Column> passColumn(std::size_t k) {
  if (k < 2) return {};
  const std::string number = count(static_cast<std::int64_t>(k));
  return {{"pass_at_" + number + "_percent", "pass@" + number + " %", true}};
}

std::vector<std::string> passCell(const std::vector<double>& passAt, std::size_t k) {
  return k < 2 ? std::vector<std::string>() : std::vector<std::string>{passAtMost(passAt, k)};
}

// What is counted of one seed (or of a policy without): the front of table.csv and of the table of seeds.
std::vector<Column> seedColumns(double confidence) {
  return {{"set", "Set"},
          {"policy", "Policy"},
          {"n", "n", true},
          {"right", "Right", true},
          {"pass_at_1_percent", "pass@1 %", true},
          {"pass_at_1_interval", confidenceText(confidence) + " interval", true},
          {"difference_points", "Δ points", true},
          {"difference_interval", "Δ " + confidenceText(confidence), true},
          {"total_layer_tokens", "Layer-tokens", true},
          {"cost_ratio", "× standard", true},
          {"executed_layers", "Executed layers", true},
          {"unique_layers", "Unique layers", true}};
}

std::vector<std::string> seedCells(const Summary& summary) {
  return {setLabel(summary),
          policyLabel(summary),
          count(summary.n),
          count(summary.right),
          percent(summary.accuracy),
          percentInterval(summary.interval),
          summary.paired ? points(summary.difference) : kNone,
          summary.paired ? pointsInterval(summary.differenceInterval) : kNone,
          fixed(summary.totalLayerTokens, 0),
          ratioText(summary.costRatio),
          fixed(summary.executed, 2),
          fixed(summary.unique, 2)};
}

const std::vector<Column> kTestColumns = {{"p", "p", true}, {"p_holm", "p (Holm)", true}};

std::vector<std::string> testCells(const PooledSummary& pooled) {
  return {pooled.paired ? pValue(pooled.p) : kNone, pooled.holmP ? pValue(*pooled.holmP) : kNone};
}

const std::vector<Column> kChoiceColumns = {{"standard_first_percent", "Standard first %", true},
                                            {"distinct_first", "Distinct first choices", true},
                                            {"entropy_bits", "Entropy (bits)", true},
                                            {"commonest_first", "Commonest first choice"},
                                            {"commonest_percent", "its share %", true},
                                            {"gained", "Gained", true},
                                            {"lost", "Lost", true},
                                            {"undecided", "Undecided", true}};

std::vector<std::string> choiceCells(const Summary& summary) {
  return {percent(summary.standardShare),
          count(summary.distinct),
          fixed(summary.entropy, 2),
          summary.n == 0 ? kNone : summary.commonest,
          percent(summary.commonestShare),
          summary.paired ? count(summary.gained) : kNone,
          summary.paired ? count(summary.lost) : kNone,
          count(summary.undecided)};
}

const std::vector<Column> kPartColumns = {{"prefill_layer_tokens", "Prefill", true},
                                          {"decode_layer_tokens", "Decode", true},
                                          {"choosing_layer_tokens", "Choosing", true}};

std::vector<std::string> partCells(const Summary& summary) {
  return {fixed(summary.prefillLayerTokens, 0), fixed(summary.decodeLayerTokens, 0),
          fixed(summary.choosingLayerTokens, 0)};
}

const std::vector<Column> kRangeColumns = {{"executed_range", "Executed: least / median / most", true},
                                           {"unique_range", "Unique: least / median / most", true},
                                           {"seconds", "Seconds per answer", true}};

// "9 / 12 / 14" of a distribution.
std::string rangeText(const std::map<int, std::int64_t>& counts) {
  if (counts.empty()) return kNone;
  std::int64_t all = 0, seen = 0;
  for (const auto& [value, many] : counts) all += many;
  int median = 0;
  for (const auto& [value, many] : counts) {
    median = value;
    seen += many;
    if (2 * seen >= all) break;
  }
  return std::to_string(counts.begin()->first) + " / " + std::to_string(median) + " / " +
         std::to_string(counts.rbegin()->first);
}

std::vector<std::string> rangeCells(const Summary& summary) {
  return {rangeText(summary.executedCounts), rangeText(summary.uniqueCounts),
          summary.seconds ? fixed(*summary.seconds, 3) : kNone};
}

std::string seedText(const std::optional<std::int64_t>& seed) { return seed ? ", seed " + std::to_string(*seed) : ""; }
std::string answerText(bool usesAnswer) { return usesAnswer ? " (uses the answer)" : ""; }
std::string distributionText(bool inDistribution) {
  return inDistribution ? " (in distribution)" : " (out of distribution)";
}

std::vector<Column> accuracyColumns(const Report& report) {
  const std::string interval = confidenceText(report.confidence);
  std::vector<Column> columns = {{"set", "Set"},
                                 {"policy", "Policy"},
                                 {"n", "n", true},
                                 {"pass_at_1_percent", "pass@1 %", true},
                                 {"pass_at_1_interval", interval + " interval", true},
                                 {"difference_points", "Δ points", true},
                                 {"difference_interval", "Δ " + interval, true}};
  columns = joined(joined(columns, kTestColumns), {{"total_layer_tokens", "Layer-tokens", true},
                                                   {"cost_ratio", "× standard", true},
                                                   {"executed_layers", "Executed layers", true}});
  return joined(columns, passColumn(mostRanked(report)));
}

std::string seedRange(const Spread& share) { return percent(share.least) + " … " + percent(share.most); }

std::vector<std::string> accuracyCells(const Report& report, const PooledSummary& pooled) {
  std::vector<std::string> cells = {setLabel(pooled),
                                    policyLabel(pooled),
                                    count(pooled.n),
                                    percent(pooled.accuracy.mean),
                                    pooled.seeds == 1 ? percentInterval(pooled.interval) : seedRange(pooled.accuracy),
                                    pooled.paired ? points(pooled.difference) : kNone,
                                    pooled.paired ? pointsInterval(pooled.differenceInterval) : kNone};
  cells = joined(joined(cells, testCells(pooled)),
                 {fixed(pooled.layerTokens.mean, 0), ratioText(pooled.costRatio), fixed(pooled.executed.mean, 2)});
  return joined(cells, passCell(pooled.passAt, mostRanked(report)));
}

bool pools(const PooledSummary& pooled, const Summary& summary) {
  return setLabel(pooled) == setLabel(summary) && pooled.variant == summary.name.variant &&
         (pooled.seeds > 1 ? summary.name.seed.has_value() : pooled.seed == summary.name.seed);
}

}  // namespace

std::string policyLabel(const Summary& summary) {
  return summary.name.variant + seedText(summary.name.seed) + answerText(summary.usesAnswer);
}

std::string policyLabel(const PooledSummary& pooled) {
  const std::string seeds = pooled.seeds > 1 ? ", " + count(pooled.seeds) + " seeds" : seedText(pooled.seed);
  return pooled.variant + seeds + answerText(pooled.usesAnswer);
}

std::string setLabel(const Summary& summary) { return summary.set + distributionText(summary.inDistribution); }

std::string setLabel(const PooledSummary& pooled) { return pooled.set + distributionText(pooled.inDistribution); }

std::size_t mostRanked(const Report& report) {
  std::size_t most = 0;
  for (const Summary& summary : report.summaries) most = std::max(most, summary.passAt.size());
  return most;
}

bool hasSeeds(const Report& report) {
  return std::ranges::any_of(report.pooled, [](const PooledSummary& pooled) { return pooled.seeds > 1; });
}

Table accuracyTable(const Report& report) {
  Table table{std::string("Accuracy and cost of an answer; p (Holm) is corrected for all policies of a set") +
                  (hasSeeds(report) ? ", seeds pooled by question" : ""),
              accuracyColumns(report),
              {}};
  for (const PooledSummary& pooled : report.pooled) table.add(accuracyCells(report, pooled));
  return table;
}

Table seedTable(const Report& report) {
  const std::size_t k = mostRanked(report);
  Table table{"Single seeds: all on the same questions", joined(seedColumns(report.confidence), passColumn(k)), {}};
  for (const Summary& summary : report.summaries)
    if (std::ranges::any_of(report.pooled,
                            [&](const PooledSummary& one) { return one.seeds > 1 && pools(one, summary); }))
      table.add(joined(seedCells(summary), passCell(summary.passAt, k)));
  return table;
}

Table choiceTable(const Report& report) {
  Table table{"First choices", joined({{"set", "Set"}, {"policy", "Policy"}}, kChoiceColumns), {}};
  for (const Summary& summary : report.summaries)
    table.add(joined({setLabel(summary), policyLabel(summary)}, choiceCells(summary)));
  return table;
}

Table costTable(const Report& report) {
  const std::vector<Column> total = {{"total_layer_tokens", "Total", true},
                                     {"cost_ratio", "× standard", true},
                                     {"executed_layers", "Executed layers", true},
                                     {"unique_layers", "Unique layers", true}};
  Table table{"Cost of an answer (layer-tokens, mean per question)",
              joined(joined(joined({{"set", "Set"}, {"policy", "Policy"}}, kPartColumns), total), kRangeColumns),
              {}};
  for (const Summary& summary : report.summaries)
    table.add(joined(joined(joined({setLabel(summary), policyLabel(summary)}, partCells(summary)),
                            {fixed(summary.totalLayerTokens, 0), ratioText(summary.costRatio),
                             fixed(summary.executed, 2), fixed(summary.unique, 2)}),
                     rangeCells(summary)));
  return table;
}

Table tunedTable(const Report& report) {
  Table table{"What was tuned on labels", {{"policy", "Policy"}, {"settings", "Settings"}}, {}};
  for (const TunedSetting& one : report.tuned) table.add({one.policy, one.settings});
  return table;
}

Table findingTable(const Report& report) {
  Table table{
      "What the oracle labels show", {{"question", "Question"}, {"measured", "Measured here"}, {"paper", "Paper"}}, {}};
  for (const Report::Finding& finding : report.findings) table.add({finding.question, finding.measured, finding.paper});
  return table;
}

Table wholeTable(const Report& report) {
  const std::size_t k = mostRanked(report);
  std::vector<Column> columns = joined(seedColumns(report.confidence), {{"mcnemar_p", "McNemar p", true}});
  columns = joined(columns, {{"seeds", "Seeds", true},
                             {"pooled_difference_points", "Pooled Δ points", true},
                             {"pooled_difference_interval", "Pooled Δ", true}});
  columns = joined(joined(joined(columns, kTestColumns), passColumn(k)), kChoiceColumns);
  Table table{"All", joined(joined(columns, kPartColumns), kRangeColumns), {}};
  for (const Summary& summary : report.summaries) {
    const auto pooled =
        std::ranges::find_if(report.pooled, [&](const PooledSummary& one) { return pools(one, summary); });
    std::vector<std::string> cells = joined(seedCells(summary), {summary.paired ? pValue(summary.mcnemarP) : kNone});
    if (pooled == report.pooled.end())
      cells.insert(cells.end(), 5, kNone);
    else
      cells = joined(joined(cells, {count(pooled->seeds), pooled->paired ? points(pooled->difference) : kNone,
                                    pooled->paired ? pointsInterval(pooled->differenceInterval) : kNone}),
                     testCells(*pooled));
    cells = joined(joined(cells, passCell(summary.passAt, k)), choiceCells(summary));
    table.add(joined(joined(cells, partCells(summary)), rangeCells(summary)));
  }
  // Programs that read the file want an empty field where a reader wants a dash.
  for (auto& row : table.rows) std::replace(row.begin(), row.end(), kNone, std::string());
  return table;
}

}  // namespace polar
