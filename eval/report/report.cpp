#include "eval/report/report.h"

#include "eval/report/figures.h"
#include "eval/report/number_text.h"
#include "eval/report/page.h"
#include "eval/report/primary_comparison.h"
#include "eval/report/report_json.h"
#include "eval/report/report_notes.h"
#include "eval/report/report_tables.h"
#include "eval/report/table.h"
#include "support/files.h"

namespace polar {
namespace {

constexpr const char* kPrimary = "Primary comparison, named before the evaluation:";

std::string primaryText(const Report& report) {
  return std::string(kPrimary) + " " + inWords(*report.primary, report.confidence);
}

std::string markdownFile(const Report& report) {
  std::string text = "# " + escapeMarkdown(report.title) + "\n\n";
  if (!report.description.empty()) text += escapeMarkdown(report.description) + "\n\n";
  if (report.primary) text += escapeMarkdown(primaryText(report)) + "\n\n";
  text += markdownTable(report) + "\n";
  for (const std::string& note : reportNotes(report)) text += "- " + note + "\n";
  for (const Table& table :
       {seedTable(report), choiceTable(report), costTable(report), tunedTable(report), findingTable(report)})
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
  if (report.primary) text += escapeTex(primaryText(report)) + "\\par\n";
  text += tex(accuracyTable(report));
  for (const Table& table : {seedTable(report), choiceTable(report), costTable(report)})
    if (!table.rows.empty()) text += "\n" + tex(table);
  return text;
}

std::string pageFile(const Report& report, const std::vector<Figure>& figures) {
  Page page(report.title);
  if (!report.description.empty()) page.lead(report.description);
  if (report.partial) page.banner("Partial run.", report.partialReason);
  page.section("Results");
  if (report.primary) page.banner(kPrimary, inWords(*report.primary, report.confidence));
  if (report.summaries.empty())
    page.paragraph("No policy was evaluated.");
  else
    page.table(accuracyTable(report));
  if (const Table seeds = seedTable(report); !seeds.rows.empty()) page.table(seeds);
  page.notes(reportNotes(report));
  for (const Figure& figure : figures) page.figure(figure);
  if (!report.summaries.empty()) {
    page.section("What policies choose, and what it costs");
    page.table(choiceTable(report));
    page.table(costTable(report));
  }
  if (!report.tuned.empty()) page.proseTable(tunedTable(report));
  if (!report.findings.empty()) {
    page.section("Oracle labels");
    page.proseTable(findingTable(report));
  }
  if (!report.facts.empty() || !report.configYaml.empty()) page.section("What was run");
  if (!report.facts.empty()) page.definitions(report.facts);
  if (!report.configYaml.empty()) page.folded("The whole config", report.configYaml);
  return page.html();
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
  writeFileAtomically(folder / "results.json", resultsJson(report));
  const std::vector<Figure> figures = drawFigures(report);
  for (const Figure& figure : figures) writeFileAtomically(folder / (figure.name + ".vl.json"), figureFile(figure));
  writeFileAtomically(folder / "index.html", pageFile(report, figures));
}

}  // namespace polar
