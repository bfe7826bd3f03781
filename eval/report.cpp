#include "eval/report.h"

#include <nlohmann/json.hpp>

#include "eval/number_text.h"
#include "eval/page.h"
#include "eval/report_tables.h"
#include "eval/table.h"
#include "support/files.h"

namespace polar {
namespace {

using Json = nlohmann::ordered_json;

std::string markdownFile(const Report& report) {
  std::string text = "# " + escapeMarkdown(report.title) + "\n\n";
  if (!report.description.empty()) text += escapeMarkdown(report.description) + "\n\n";
  text += markdownTable(report) + "\n";
  for (const std::string& note : reportNotes(report)) text += "- " + note + "\n";
  for (const Table& table : {choiceTable(report), costTable(report), findingTable(report)})
    if (!table.rows.empty()) text += "\n## " + table.title + "\n\n" + markdown(table);
  if (!report.facts.empty()) {
    text += "\n## What was run\n\n";
    for (const auto& [name, value] : report.facts)
      text += "- " + escapeMarkdown(name) + ": " + escapeMarkdown(value) + "\n";
  }
  return text;
}

std::string texFile(const Report& report) {
  std::string text = "% " + escapeTex(report.title) + "; needs the package booktabs\n";
  if (report.partial) text += "\\textit{Partial run: " + escapeTex(report.partialReason) + "}\\par\n";
  return text + tex(accuracyTable(report)) + "\n" + tex(choiceTable(report)) + "\n" +
         tex(costTable(report));
}

Json summaryJson(const Summary& summary) {
  Json json;
  json["set"] = summary.set;
  json["in_distribution"] = summary.inDistribution;
  json["policy"] = summary.policy;
  json["uses_answer"] = summary.usesAnswer;
  json["n"] = summary.n;
  json["right"] = summary.right;
  json["undecided"] = summary.undecided;
  json["accuracy"] = summary.accuracy;
  json["interval"] = {summary.interval.low, summary.interval.high};
  json["difference"] = summary.paired ? Json(summary.difference) : Json(nullptr);
  json["mcnemar_p"] = summary.paired ? Json(summary.mcnemarP) : Json(nullptr);
  json["gained"] = summary.paired ? Json(summary.gained) : Json(nullptr);
  json["lost"] = summary.paired ? Json(summary.lost) : Json(nullptr);
  json["executed_layers"] = summary.executed;
  json["unique_layers"] = summary.unique;
  json["prefill_layer_tokens"] = summary.prefillLayerTokens;
  json["decode_layer_tokens"] = summary.decodeLayerTokens;
  json["choosing_layer_tokens"] = summary.choosingLayerTokens;
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

// The cells as the other files print them, keyed by column.
Json tableJson(const Table& table) {
  Json rows = Json::array();
  for (const auto& row : table.rows) {
    Json json;
    for (std::size_t i = 0; i < row.size(); ++i) json[table.columns[i].key] = row[i];
    rows.push_back(std::move(json));
  }
  return rows;
}

std::string jsonFile(const Report& report) {
  Json json;
  json["schema"] = 1;
  json["title"] = report.title;
  json["description"] = report.description;
  json["partial"] = report.partial;
  json["partial_reason"] = report.partialReason;
  json["confidence"] = report.confidence;
  json["facts"] = Json::array();
  for (const auto& [name, value] : report.facts) json["facts"].push_back({{"name", name}, {"value", value}});
  json["summaries"] = Json::array();
  for (const Summary& summary : report.summaries) json["summaries"].push_back(summaryJson(summary));
  json["table"] = tableJson(wholeTable(report));
  json["findings"] = tableJson(findingTable(report));
  json["config"] = report.configYaml;
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string markdownTable(const Report& report) {
  const std::string table = markdown(accuracyTable(report));
  return report.partial ? "**Partial run.** " + escapeMarkdown(report.partialReason) + "\n\n" + table : table;
}

void writeReport(const std::filesystem::path& folder, const Report& report) {
  requireWritableFolder(folder);
  writeFileAtomically(folder / "table.md", markdownFile(report));
  writeFileAtomically(folder / "table.tex", texFile(report));
  writeFileAtomically(folder / "table.csv", csv(wholeTable(report)));
  writeFileAtomically(folder / "results.json", jsonFile(report));
  writeFileAtomically(folder / "index.html", reportPage(report));
}

}  // namespace polar
