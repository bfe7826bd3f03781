#include "eval/report/report_json.h"

#include <optional>

#include "eval/report/report_tables.h"
#include "eval/report/table_json.h"

namespace polar {
namespace {

template <typename Value>
Json orNull(bool known, const Value& value) {
  return known ? Json(value) : Json(nullptr);
}

template <typename Value>
Json orNull(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json intervalJson(const Interval& interval) { return {interval.low, interval.high}; }

Json countsJson(const std::map<int, std::int64_t>& counts) {
  Json json = Json::array();
  for (const auto& [layers, count] : counts) json.push_back({{"layers", layers}, {"count", count}});
  return json;
}

Json labelsJson(const LabelStatistics& labels) {
  Json json = {{"split", labels.split}, {"depth", labels.depth}, {"questions", labels.questions}};
  json["edits"] = json["cost"] = json["shortest"] = Json::array();
  for (const EditTolerance& one : labels.edits)
    json["edits"].push_back({{"program", one.program},
                             {"kept", one.kept},
                             {"kept_of", one.keptOf},
                             {"gained", one.gained},
                             {"gained_of", one.gainedOf}});
  for (const SearchCost& one : labels.cost)
    json["cost"].push_back(
        {{"evaluations", one.evaluations}, {"found", one.found}, {"found_shorter", one.foundShorter}});
  for (const ShortestRight& one : labels.shortest)
    json["shortest"].push_back(
        {{"layers", one.layers}, {"standard_right", one.standardRight}, {"rescued", one.rescued}});
  return json;
}

Json summaryJson(const Summary& summary) {
  Json json;
  json["set"] = summary.set;
  json["in_distribution"] = summary.inDistribution;
  json["policy"] = summary.policy;
  json["variant"] = summary.name.variant;
  json["seed"] = orNull(summary.name.seed);
  json["price"] = orNull(summary.name.price);
  json["uses_answer"] = summary.usesAnswer;
  json["n"] = summary.n;
  json["right"] = summary.right;
  json["undecided"] = summary.undecided;
  json["accuracy"] = summary.accuracy;
  json["interval"] = intervalJson(summary.interval);
  json["difference"] = orNull(summary.paired, summary.difference);
  json["difference_interval"] = orNull(summary.paired, intervalJson(summary.differenceInterval));
  json["mcnemar_p"] = orNull(summary.paired, summary.mcnemarP);
  json["gained"] = orNull(summary.paired, summary.gained);
  json["lost"] = orNull(summary.paired, summary.lost);
  json["executed_layers"] = summary.executed;
  json["unique_layers"] = summary.unique;
  json["executed_counts"] = countsJson(summary.executedCounts);
  json["unique_counts"] = countsJson(summary.uniqueCounts);
  json["seconds"] = orNull(summary.seconds);
  json["prefill_layer_tokens"] = summary.prefillLayerTokens;
  json["decode_layer_tokens"] = summary.decodeLayerTokens;
  json["choosing_layer_tokens"] = summary.choosingLayerTokens;
  json["total_layer_tokens"] = summary.totalLayerTokens;
  json["cost_ratio"] = orNull(summary.costRatio);
  json["pass_at"] = summary.passAt;
  json["standard_first"] = summary.standardShare;
  json["distinct_first"] = summary.distinct;
  json["entropy_bits"] = summary.entropy;
  json["commonest_first"] = summary.commonest;
  json["commonest_share"] = summary.commonestShare;
  json["levels"] = Json::array();
  for (const auto& [level, counts] : summary.perLevel)
    json["levels"].push_back({{"level", level}, {"right", counts.first}, {"n", counts.second}});
  return json;
}

Json spreadJson(const Spread& spread) {
  return {{"mean", spread.mean}, {"least", spread.least}, {"most", spread.most}};
}

Json pooledJson(const PooledSummary& pooled) {
  Json json;
  json["set"] = pooled.set;
  json["in_distribution"] = pooled.inDistribution;
  json["variant"] = pooled.variant;
  json["uses_answer"] = pooled.usesAnswer;
  json["seeds"] = pooled.seeds;
  json["n"] = pooled.n;
  json["accuracy"] = spreadJson(pooled.accuracy);
  json["difference"] = orNull(pooled.paired, pooled.difference);
  json["difference_interval"] = orNull(pooled.paired, intervalJson(pooled.differenceInterval));
  json["p"] = orNull(pooled.paired, pooled.p);
  json["p_holm"] = orNull(pooled.holmP);
  json["total_layer_tokens"] = spreadJson(pooled.layerTokens);
  json["cost_ratio"] = orNull(pooled.costRatio);
  json["executed_layers"] = spreadJson(pooled.executed);
  return json;
}

}  // namespace

std::string resultsJson(const Report& report) {
  Json json;
  json["schema"] = 2;
  json["title"] = report.title;
  json["description"] = report.description;
  json["partial"] = report.partial;
  json["partial_reason"] = report.partialReason;
  json["confidence"] = report.confidence;
  json["facts"] = Json::array();
  for (const auto& [name, value] : report.facts) json["facts"].push_back({{"name", name}, {"value", value}});
  json["summaries"] = Json::array();
  for (const Summary& summary : report.summaries) json["summaries"].push_back(summaryJson(summary));
  json["pooled"] = Json::array();
  for (const PooledSummary& pooled : report.pooled) json["pooled"].push_back(pooledJson(pooled));
  json["primary"] = report.primary ? pooledJson(*report.primary) : Json(nullptr);
  json["tuned"] = tableJson(tunedTable(report));
  json["remarks"] = report.remarks;
  json["labels"] = Json::array();
  for (const LabelStatistics& labels : report.labels) json["labels"].push_back(labelsJson(labels));
  json["table"] = tableJson(wholeTable(report));
  json["seeds"] = tableJson(seedTable(report));
  json["findings"] = tableJson(findingTable(report));
  json["config"] = report.configYaml;
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace polar
