#include "eval/page.h"

#include <algorithm>

#include "eval/figures.h"
#include "eval/number_text.h"
#include "eval/plot.h"
#include "eval/report_tables.h"
#include "eval/table.h"

namespace polar {
namespace {

// Series colours after Okabe and Ito (2008), told apart by colour-blind readers; lighter on dark ground.
constexpr const char* kStyle = R"css(
:root { color-scheme: light dark; --ground: #ffffff; --text: #1c1e21; --quiet: #5b6168; --rule: #d5d9de;
  --soft: #f4f6f8; --warn: #fff3cd; --warn-rule: #b98900;
  --c0: #30343a; --c1: #8a6d00; --c2: #0072b2; --c3: #c2410c; --c4: #00805e; --c5: #a1448a; --c6: #3b82c4;
  --c7: #7a5230; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #15181c; --text: #e6e8eb; --quiet: #a3abb4; --rule: #3a4149;
    --soft: #1e2329; --warn: #3a2f0b; --warn-rule: #d9a400;
    --c0: #d5dae0; --c1: #e0bb3f; --c2: #58b4ec; --c3: #ff8f5a; --c4: #3fc79c; --c5: #e394cf; --c6: #9cc9f5;
    --c7: #cfa37c; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 76rem; background: var(--ground); color: var(--text);
  font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .3rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; }
h3 { font-size: .95rem; margin: 0 0 .3rem; }
p { margin: .4rem 0; max-width: 60rem; }
.lead, .notes, figcaption { color: var(--quiet); }
.banner { margin: 1rem 0; padding: .6rem 1rem; background: var(--warn); border-left: 4px solid var(--warn-rule); }
.scroll { overflow-x: auto; margin-bottom: 1.2rem; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--quiet); padding-bottom: .3rem; }
th, td { padding: .3rem .7rem; text-align: left; vertical-align: top; }
th { border-bottom: 1px solid var(--text); font-weight: 600; vertical-align: bottom; }
td { border-bottom: 1px solid var(--rule); white-space: nowrap; }
tr.apart td { border-top: 2px solid var(--quiet); }
.n { text-align: right; }
.wrap td { white-space: normal; min-width: 10rem; overflow-wrap: anywhere; }
.notes { font-size: .9rem; padding-left: 1.2rem; max-width: 60rem; }
figure { margin: 0; }
figcaption { font-size: .9rem; max-width: 60rem; margin-bottom: .6rem; }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 28rem), 1fr)); gap: 1rem; }
.panel { background: var(--soft); border-radius: 6px; padding: .7rem .8rem .4rem; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; margin: 0 0 .7rem; padding: 0;
  font-size: .9rem; }
.legend svg { width: 14px; height: 14px; vertical-align: -2px; margin-right: .35rem; }
.plot { display: block; width: 100%; height: auto; }
.plot text { font: 12px system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; fill: var(--text); }
.plot .tick { fill: var(--quiet); }
.middle { text-anchor: middle; }
.end { text-anchor: end; }
.grid { stroke: var(--rule); }
.axis { stroke: var(--quiet); }
.dashes { stroke: var(--quiet); stroke-dasharray: 5 4; fill: none; }
.fill { fill: var(--c); stroke: var(--soft); stroke-width: .6; }
.line { stroke: var(--c); stroke-width: 1.8; fill: none; }
.whisker { stroke: var(--c); stroke-width: 1.4; fill: none; }
.bar .fill { fill-opacity: .6; }
.bar .whisker { stroke: var(--text); }
.plot g:hover .fill { stroke: var(--text); stroke-width: 1.5; }
.s0 { --c: var(--c0); } .s1 { --c: var(--c1); } .s2 { --c: var(--c2); } .s3 { --c: var(--c3); }
.s4 { --c: var(--c4); } .s5 { --c: var(--c5); } .s6 { --c: var(--c6); } .s7 { --c: var(--c7); }
details { margin: .8rem 0; }
summary { cursor: pointer; color: var(--quiet); }
pre { background: var(--soft); padding: .8rem; overflow-x: auto; font-size: .85rem; border-radius: 6px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; font-size: .9rem; margin: 0; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
@media print { details { display: none; } .panel { break-inside: avoid; } }
)css";

std::string element(const std::string& tag, const std::string& text, const std::string& classes = "") {
  return "<" + tag + (classes.empty() ? "" : " class=\"" + classes + "\"") + ">" + escapeMarkup(text) + "</" + tag +
         ">\n";
}

std::string head(const Report& report) {
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         // Proof that the page needs nothing from outside: the browser itself would refuse.
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n" +
         element("title", report.title) + "<style>" + kStyle + "</style>\n</head>\n";
}

std::string legend(const Report& report) {
  const std::vector<std::string> order = policyOrder(report);
  std::string text = "<ul class=\"legend\">\n";
  for (const std::string& policy : order) {
    const auto summary = std::find_if(report.summaries.begin(), report.summaries.end(),
                                      [&](const Summary& one) { return one.policy == policy; });
    const std::size_t series = seriesOf(policy, order);
    text += "<li><svg viewBox=\"0 0 14 14\" aria-hidden=\"true\" class=\"s" + std::to_string(series % kSeriesStyles) +
            "\">" + markerShape(series, 7, 7) + "</svg>" + escapeMarkup(policyLabel(*summary)) + "</li>\n";
  }
  return text + "</ul>\n";
}

std::string figureHtml(const Figure& figure, const std::string& key) {
  std::string text = "<figure id=\"" + escapeMarkup(figure.name) + "\">\n" + element("h2", figure.title) +
                     element("figcaption", figure.caption) + key + "<div class=\"panels\">\n";
  for (const Panel& panel : figure.panels)
    text += "<div class=\"panel\">\n" + element("h3", panel.title) + panel.svg + "</div>\n";
  return text + "</div>\n<details><summary>These numbers as a table</summary>\n" + html(figure.data) +
         "</details>\n</figure>\n";
}

std::string notesHtml(const Report& report) {
  std::string text = "<ul class=\"notes\">\n";
  for (const std::string& note : reportNotes(report)) text += element("li", note);
  return text + "</ul>\n";
}

std::string factsHtml(const Report& report) {
  if (report.facts.empty()) return "";
  std::string text = element("h2", "What was run") + "<dl>\n";
  for (const auto& [name, value] : report.facts) text += element("dt", name) + element("dd", value);
  return text + "</dl>\n";
}

}  // namespace

std::string reportPage(const Report& report) {
  std::string page = head(report) + "<body>\n" + element("h1", report.title);
  if (!report.description.empty()) page += element("p", report.description, "lead");
  if (report.partial)
    page += "<div class=\"banner\" role=\"note\"><strong>Partial run.</strong> " + escapeMarkup(report.partialReason) +
            "</div>\n";
  page += element("h2", "Results");
  page += report.summaries.empty() ? element("p", "No policy was evaluated.") : html(accuracyTable(report));
  page += notesHtml(report);
  const std::string key = legend(report);
  for (const Figure& figure : drawFigures(report)) page += figureHtml(figure, key);
  if (!report.summaries.empty())
    page += element("h2", "What policies choose, and what it costs") + html(choiceTable(report)) +
            html(costTable(report));
  if (!report.findings.empty())
    page += element("h2", "Oracle labels") + "<div class=\"wrap\">" + html(findingTable(report)) + "</div>\n";
  page += factsHtml(report);
  if (!report.configYaml.empty())
    page += "<details><summary>The whole config</summary>\n" + element("pre", report.configYaml) + "</details>\n";
  return page + "</body>\n</html>\n";
}

}  // namespace polar
