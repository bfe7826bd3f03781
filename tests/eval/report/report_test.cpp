#include "eval/report/report.h"

#include <algorithm>
#include <cstdlib>
#include <regex>
#include <set>

#include "catch.h"
#include "eval/planted.h"
#include "eval/policies/policies.h"
#include "eval/report/figure_spec.h"
#include "eval/report/figures.h"
#include "eval/report/number_text.h"
#include "eval/report/page_assets.h"
#include "eval/report/report_notes.h"
#include "eval/report/report_tables.h"
#include "eval/report/table.h"
#include "support/error.h"

using namespace polar;
using namespace polar::testing;

namespace {

std::string firstDifference(const std::string& found, const std::string& approved) {
  std::istringstream a(found), b(approved);
  std::string lineA, lineB;
  for (int number = 1;; ++number) {
    const bool moreA = static_cast<bool>(std::getline(a, lineA)), moreB = static_cast<bool>(std::getline(b, lineB));
    if (!moreA && !moreB) return "";
    if (moreA != moreB || lineA != lineB)
      return "line " + std::to_string(number) + "\n  found    " + lineA + "\n  approved " + lineB;
  }
}

// With POLAR_APPROVE set, what was found becomes what is approved: look at the difference before committing it.
void checkApproved(const std::string& name, const std::string& found) {
  const auto file = fixture("eval/report/approved/" + name);
  if (std::getenv("POLAR_APPROVE")) spill(file, found);
  INFO(name << ": " << firstDifference(found, slurp(file)));
  CHECK(found == slurp(file));
}

// Open and close tags of HTML without optional end tags must nest; returns what does not.
std::string unbalanced(const std::string& page) {
  const std::regex tag("<(/?)([a-zA-Z0-9]+)([^<>]*)>");
  std::vector<std::string> open;
  for (auto at = std::sregex_iterator(page.begin(), page.end(), tag); at != std::sregex_iterator(); ++at) {
    const std::string name = (*at)[2], rest = (*at)[3];
    if (name == "meta" || rest.ends_with('/')) continue;
    if ((*at)[1].length() == 0) {
      open.push_back(name);
    } else {
      if (open.empty() || open.back() != name) return "</" + name + "> at " + std::to_string(at->position());
      open.pop_back();
    }
  }
  return open.empty() ? "" : "<" + open.back() + "> is never closed";
}

// The page's own text: what every page carries unchanged is left out.
std::string withoutAssets(std::string page) {
  for (const std::string_view asset : {vegaScript(), vegaLicence(), pageScript(), pageStyle()})
    if (const std::size_t at = page.find(asset); at != std::string::npos) page.erase(at, asset.size());
  return page;
}

// The data of the figures are approved in their own files.
std::string withoutPanels(const std::string& page) {
  const std::size_t begin = page.find("\"panels\">") + 9, end = page.find("</script>", begin);
  REQUIRE(end != std::string::npos);
  return page.substr(0, begin) + page.substr(end);
}

std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("a planted report is written as approved") {
  const TemporaryFolder folder;
  writeReport(folder.path() / "report", plantedReport());
  std::vector<std::string> names{"table.md", "table.tex", "table.csv", "results.json"};
  for (const Figure& figure : drawFigures(plantedReport())) names.push_back(figure.name + ".vl.json");
  CHECK(names.size() == 4 + 7);  // every figure of the list has something to draw here
  for (const std::string& name : names) checkApproved(name, slurp(folder.path() / "report" / name));
  checkApproved("index.html", withoutPanels(withoutAssets(slurp(folder.path() / "report/index.html"))));
}

TEST_CASE("the page is well formed, self-contained and escaped") {
  Report report = plantedReport();
  const std::string evil = "</script><script>alert('x')</script><!--\"&";
  report.title = report.description = report.partialReason = report.configYaml = evil;
  report.facts = {{evil, evil}};
  report.findings = {{evil, evil, evil}};
  for (Summary& summary : report.summaries) {
    summary.set = evil + summary.set;
    summary.commonest = evil;
    if (summary.policy == "random") summary.name.variant = evil;
  }
  for (PooledSummary& pooled : report.pooled) pooled.set = evil + pooled.set;
  for (LabelStatistics& labels : report.labels) labels.split = evil + labels.split;
  const TemporaryFolder folder;
  writeReport(folder.path(), report);
  const std::string page = slurp(folder.path() / "index.html");
  CHECK(occurrences(page, std::string(vegaScript())) == 1);
  CHECK(occurrences(page, std::string(vegaLicence())) == 1);
  const std::string own = withoutAssets(page);
  CHECK(unbalanced(std::regex_replace(own, std::regex("<!DOCTYPE html>"), "")) == "");
  CHECK(occurrences(own, "<script") == 3);
  CHECK(occurrences(own, "alert(&#39;x&#39;)") > 20);
  CHECK(occurrences(own, "\\u003c/script>") > 20);
  for (const char* outside : {"url(", "src=", "@import", "<link", "<iframe", "<!--"})
    CHECK(occurrences(own, outside) == 0);
  CHECK(occurrences(own, "default-src 'none'") == 1);
  CHECK(occurrences(own, "unsafe-eval") == 0);
  // Neither the script nor its licence may end the element it is in.
  for (const std::string_view asset : {vegaScript(), vegaLicence(), pageScript(), pageStyle()})
    for (const char* end : {"</script", "</style", "<!--"}) CHECK(asset.find(end) == std::string_view::npos);
  CHECK(vegaLicence().find("*/") == std::string_view::npos);
  CHECK(unbalanced("<p><b></p></b>") != "");
}

TEST_CASE("a primary comparison comes before everything else, in page, tables and results") {
  Report report = plantedReport();
  PooledSummary primary = report.pooled.back();
  primary.set = "test and ood";
  primary.variant = "value@price=0.2";
  report.primary = primary;
  const TemporaryFolder folder;
  writeReport(folder.path(), report);
  const std::string sentence = "value@price=0.2 against the standard program on test and ood, ";
  const std::string page = withoutAssets(slurp(folder.path() / "index.html"));
  CHECK(page.find("named before the evaluation:</strong> " + sentence) < page.find("<table"));
  for (const char* file : {"table.md", "table.tex"}) {
    const std::string text = slurp(folder.path() / file);
    const std::size_t at = text.find("Primary comparison, named before the evaluation: value@price=0.2 against");
    CHECK(at != std::string::npos);
    CHECK(at < text.find("pass@1"));
  }
  CHECK(slurp(folder.path() / "results.json").find("\"primary\": {\n  \"set\": \"test and ood\"") != std::string::npos);
}

TEST_CASE("the page states a partial run, and marks a policy that uses the answer") {
  const TemporaryFolder folder;
  Report report = plantedReport();
  writeReport(folder.path(), report);
  std::string page = slurp(folder.path() / "index.html");
  CHECK(occurrences(page, "Partial run.") == 1);
  CHECK(occurrences(page, ">oracle (uses the answer)<") >= 4);
  CHECK(occurrences(page, ">oracle<") == 0);
  CHECK(markdownTable(report).starts_with("**Partial run.** 60 of 120"));
  CHECK(occurrences(slurp(folder.path() / "table.tex"), "Partial run: 60 of 120") == 1);

  report.partial = false;
  writeReport(folder.path(), report);
  page = slurp(folder.path() / "index.html");
  CHECK(occurrences(page, "Partial run") == 0);
  CHECK(markdownTable(report).starts_with("| Set |"));
}

TEST_CASE("every figure has a panel a set, and data that are its table's cells") {
  const Report report = plantedReport();
  const std::vector<Figure> figures = drawFigures(report);
  const std::vector<std::pair<std::string, std::size_t>> panels = {
      {"accuracy_cost", 2},       {"pass_at_k", 2},      {"levels", 1},  // the other set has no levels
      {"first_choice_layers", 2}, {"edit_tolerance", 4}, {"search_cost", 2}, {"shortest_right", 2}};
  REQUIRE(figures.size() == panels.size());
  for (std::size_t i = 0; i < figures.size(); ++i) {
    const Figure& figure = figures[i];
    INFO(figure.name);
    CHECK(figure.name == panels[i].first);
    CHECK(figure.panels.size() == panels[i].second);
    std::set<std::string> titles;
    for (const Column& column : figure.data.columns) titles.insert(column.title);
    CHECK(titles.size() == figure.data.columns.size());
    for (const Panel& panel : figure.panels) {
      CHECK(panel.description != "");
      CHECK(panel.spec["data"]["values"].size() > 0);
      for (const Json& value : panel.spec["data"]["values"])
        CHECK(occurrences(value.dump(), "null") == (value.contains("price") && value["price"].is_null() ? 1 : 0));
    }
  }
  CHECK(figures[0].data.rows.size() == 14);
  CHECK(figures[1].data.rows.size() == 2 * (1 + 4 * 3) + 2 * 2);  // of two seeds, one
  CHECK(figures[2].data.rows.size() == 5 * 3);
  // The predictor on the first set: 36 of 60.
  const Json predictor = figures[0].panels[0].spec["data"]["values"][3];
  CHECK(predictor["policy"] == "predictor");
  CHECK(predictor["right"] == 36);
  CHECK(predictor["pass_at_1_percent"] == 60.0);
  CHECK(predictor["low_percent"] == 47.4);
  CHECK(predictor["high_percent"] == 71.4);
  CHECK(occurrences(markdownTable(report), "| predictor | 60 | 60.0 | [47.4, 71.4] |") == 1);
  // Its four programs in turn have 12, 14, 12 and 11 layers; 40 tokens of prompt, 5 fed in decoding, 12 for choosing.
  CHECK(predictor["executed_layers"] == 12.25);
  CHECK(predictor["total_layer_tokens"] == 563);
  CHECK(predictor["cost_ratio"] == 1.04);
  // One colour for all prices and seeds of a policy.
  const Json value = figures[0].panels[0].spec["data"]["values"][6];
  CHECK(value["policy"] == "value@cheap, seed 1");
  CHECK(value["family"] == "value");
  CHECK(value["price"] == 2);
}

TEST_CASE("a policy has the same colour and shape beside whatever others") {
  // Its place in the scales' domain, of two reports.
  const auto placeOf = [](const std::vector<std::string>& policies, const std::string& policy) {
    Report report;
    for (const std::string& name : policies) {
      Summary& summary = report.summaries.emplace_back();
      summary.policy = name;
      summary.name.variant = name;
      summary.usesAnswer = name == "oracle";
    }
    const Json colour = familyColour(report), shape = familyShape(report);
    std::vector<std::string> labels;
    for (const Summary& summary : report.summaries)
      if (std::find(labels.begin(), labels.end(), policyLabel(summary)) == labels.end())
        labels.push_back(policyLabel(summary));
    CHECK(colour["legend"]["values"] == Json(labels));  // only what is there, in its order
    CHECK(shape["legend"] == colour["legend"]);
    CHECK(shape["scale"]["domain"] == colour["scale"]["domain"]);
    const auto domain = colour["scale"]["domain"].get<std::vector<std::string>>();
    CHECK(shape["scale"]["range"].size() == domain.size());
    CHECK(std::set<std::string>(domain.begin(), domain.end()).size() == domain.size());
    const std::string label =
        labels[static_cast<std::size_t>(std::find(policies.begin(), policies.end(), policy) - policies.begin())];
    return std::find(domain.begin(), domain.end(), label) - domain.begin();
  };
  std::vector<std::string> all = policyNames();
  std::set<std::ptrdiff_t> places;
  for (const std::string& policy : all) {
    INFO("'" << policy << "' needs a place, which is its colour, in kFamilies of eval/report/figure_spec.cpp");
    const auto place = placeOf(all, policy);
    CHECK(place < 24);  // of that table
    CHECK(place == placeOf({policy}, policy));
    CHECK(place == placeOf({"unheard_of", policy, "standard"}, policy));
    places.insert(place);
  }
  CHECK(places.size() == all.size());
  all.push_back("unheard_of");
  CHECK(placeOf(all, "unheard_of") == placeOf({"unheard_of"}, "unheard_of"));
  CHECK(placeOf(all, "unheard_of") >= 0);
}

TEST_CASE(
    "a policy with several seeds has one line, with its mean, range and test, its seeds are in a table of their own") {
  const Report report = plantedReport();
  const Table table = accuracyTable(report);
  REQUIRE(table.rows.size() == 5 + 2 + 5);
  CHECK(table.rows[5][1] == "value@price=0.1, 2 seeds");
  CHECK(table.rows[6][1] == "value@cheap, 2 seeds");
  CHECK(without(table.rows[6][4], " … ") == "");
  CHECK(table.rows[4][1] == "oracle (uses the answer)");
  CHECK(table.rows[4][7] != "–");  // p alone
  CHECK(table.rows[4][8] == "–");  // not among the tests that are corrected
  const Table seeds = seedTable(report);
  REQUIRE(seeds.rows.size() == 4);
  CHECK(seeds.rows[0][1] == "value@price=0.1, seed 1");
  CHECK(seeds.rows[1][1] == "value@cheap, seed 1");
  CHECK(wholeTable(report).rows.size() == 14);
  Report single;
  addSet(single, plantedSet("test", true, 20, 0));
  CHECK(seedTable(single).rows.empty());
  CHECK_FALSE(hasSeeds(single));
}

TEST_CASE("the report says what was tuned, what was left out and where the numbers were computed") {
  const Report report = plantedReport();
  CHECK(tunedTable(report).rows ==
        std::vector<std::vector<std::string>>{{"value@cheap, seed 1", "threshold 0.95, the best of 7"},
                                              {"value@cheap, seed 2", "threshold 0.95, the best of 7"}});
  const TemporaryFolder folder;
  writeReport(folder.path(), report);
  const std::string text = slurp(folder.path() / "table.md");
  CHECK(without(text, "questions of test: 60 of 60, 3 near-duplicates left out") == "");
  CHECK(without(text, "questions of ood_range: 40 of 40\n") == "");
  CHECK(without(text, "test was computed on: Another, 8 cores; libtorch 2.13.0; polar eval x.yaml --shard 1/2") == "");
  CHECK(without(text, "ood_range was computed on: not recorded") == "");
  CHECK(occurrences(text, "unlike machines") == 1);
  SetResult old = plantedSet("test", true, 20, 0);
  old.origins = {{"A", "2.13.0", "polar eval x.yaml"}, {"A", "2.13.0", "polar run x.yaml"}};
  old.olderCounts = true;
  Report again;
  addSet(again, old);
  REQUIRE(again.remarks.size() == 1);  // two commands of one machine are no reason to doubt
  CHECK(without(again.remarks[0], "an earlier Polar counted its layer-tokens") == "");
  old.olderCounts = false;
  old.fullChoosing = true;
  again = {};
  addSet(again, old);
  REQUIRE(again.remarks.size() == 1);
  CHECK(without(again.remarks[0], "an earlier Polar counted all that choosing reads") == "");
}

TEST_CASE("notes say how seeds, tests and costs are counted") {
  std::string notes;
  for (const std::string& note : reportNotes(plantedReport())) notes += note + "\n";
  CHECK(without(notes, "a question, with all its seeds, is one observation") == "");
  CHECK(without(notes, "Holm's correction: 5 policies of test, 3 of ood_range.") == "");
  CHECK(without(notes, "So it is with layers that choosing runs over the prompt") == "");
  CHECK(without(notes, "as many layer-tokens as the standard program's") == "");
}

TEST_CASE("a report without results is still a page") {
  const TemporaryFolder folder;
  Report report;
  report.title = "nothing";
  CHECK(drawFigures(report).empty());
  writeReport(folder.path(), report);
  CHECK(unbalanced(withoutAssets(slurp(folder.path() / "index.html"))) == "");
  addSet(report, {"empty", true, 4, 0, {{"standard", false, {}}, {"mine", false, {}}}});
  writeReport(folder.path(), report);
  CHECK(unbalanced(withoutAssets(slurp(folder.path() / "index.html"))) == "");
  spill(folder.path() / "file", "x");
  CHECK_THROWS_AS(writeReport(folder.path() / "file", report), InputError);
}

TEST_CASE("numbers read the same everywhere") {
  CHECK(percent(0.4125) == "41.2");  // the double lies below 41.25
  CHECK(percent(1) == "100.0");
  CHECK(points(0.032) == "+3.2");
  CHECK(points(-0.01) == "-1.0");
  CHECK(points(-0.0001) == "0.0");
  CHECK(fixed(-0.04, 1) == "0.0");
  CHECK(pValue(0.00099) == "<0.001");
  CHECK(pValue(1) == "1.000");
  CHECK(shortest(0.1) == "0.1");
  CHECK(shortest(2) == "2");
  CHECK(pointsInterval({-0.01, 0.052}) == "[-1.0, +5.2]");
  CHECK(confidenceText(0.95) == "95 %");
  CHECK(confidenceText(0.999) == "99.9 %");
  CHECK(percentInterval({0, 0.456}) == "[0.0, 45.6]");
}

TEST_CASE("tables escape what their format reads as a command") {
  Table table{"T & \"t\"", {{"a", "A"}, {"b,c", "B|C", true}}, {}};
  table.add({"x|y<z>\n_w_", "50 % & #1 \\ ~ ^ {Δ}"});
  CHECK(markdown(table) == "| A | B\\|C |\n|---|---:|\n| x\\|y&lt;z> \\_w\\_ | 50 % & #1 \\\\ ~ ^ {Δ} |\n");
  CHECK(escapeMarkdown("<0.001 a_b < c </d>") == "<0.001 a_b < c &lt;/d>");
  CHECK(without(tex(table),
                "50 \\% \\& \\#1 \\textbackslash{} \\textasciitilde{} \\textasciicircum{} "
                "\\{$\\Delta$\\} \\\\\n") == "");
  CHECK(csv(table) == "a,\"b,c\"\n\"x|y<z>\n_w_\",50 % & #1 \\ ~ ^ {Δ}\n");
  CHECK(without(html(table), "<td>x|y&lt;z&gt;\n_w_</td><td class=\"n\">") == "");
  CHECK_THROWS_AS(table.add({"one"}), std::logic_error);
}
