#include "eval/report.h"

#include <cstdlib>
#include <regex>

#include "catch.h"
#include "eval/figures.h"
#include "eval/number_text.h"
#include "eval/planted.h"
#include "eval/plot.h"
#include "eval/table.h"
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
  const auto file = fixture("eval/approved/" + name);
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

std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("a planted report is written as approved") {
  const TemporaryFolder folder;
  writeReport(folder.path() / "report", plantedReport());
  for (const char* name : {"table.md", "table.tex", "table.csv", "results.json", "index.html"})
    checkApproved(name, slurp(folder.path() / "report" / name));
}

TEST_CASE("the page is well formed, self-contained and escaped") {
  Report report = plantedReport();
  const std::string evil = "<script>alert('x')</script>\"&";
  report.title = report.description = report.partialReason = report.configYaml = evil;
  report.facts = {{evil, evil}};
  report.findings = {{evil, evil, evil}};
  for (Summary& summary : report.summaries) {
    summary.set = evil + summary.set;
    summary.commonest = evil;
    if (summary.policy == "random") summary.policy = evil;
  }
  const TemporaryFolder folder;
  writeReport(folder.path(), report);
  const std::string page = slurp(folder.path() / "index.html");
  CHECK(unbalanced(page) == "");
  CHECK(occurrences(page, "<script") == 0);
  CHECK(occurrences(page, "alert(&#39;x&#39;)") > 20);
  for (const char* outside : {"http:", "https:", "url(", "src=", "@import", "<link", "<iframe"})
    CHECK(occurrences(page, outside) == 0);
  CHECK(occurrences(page, "default-src 'none'") == 1);
  CHECK(unbalanced("<p><b></p></b>") != "");
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

TEST_CASE("every figure has a panel a set, a tooltip a mark, and the numbers of the table") {
  const Report report = plantedReport();
  const std::vector<Figure> figures = drawFigures(report);
  REQUIRE(figures.size() == 3);
  CHECK(figures[0].panels.size() == 2);
  CHECK(figures[1].panels.size() == 2);
  CHECK(figures[2].panels.size() == 1);  // the other set has no levels
  CHECK(figures[0].data.rows.size() == 10);
  CHECK(figures[1].data.rows.size() == 2 * (1 + 4 * 3));
  CHECK(figures[2].data.rows.size() == 5 * 3);
  for (const Figure& figure : figures)
    for (const Panel& panel : figure.panels) {
      CHECK(unbalanced(panel.svg) == "");
      CHECK(occurrences(panel.svg, "<g ") == occurrences(panel.svg, "<title>"));
      CHECK(occurrences(panel.svg, "nan") == 0);
    }
  // The predictor on the first set: 36 of 60.
  CHECK(occurrences(figures[0].panels[0].svg, "predictor: 60.0 % (36 of 60), 95 % interval [47.4, 71.4]") == 1);
  CHECK(occurrences(markdownTable(report), "| predictor | 60 | 36 | 60.0 | [47.4, 71.4] |") == 1);
}

TEST_CASE("a report without results is still a page") {
  const TemporaryFolder folder;
  Report report;
  report.title = "nothing";
  CHECK(drawFigures(report).empty());
  writeReport(folder.path(), report);
  CHECK(unbalanced(slurp(folder.path() / "index.html")) == "");
  report.summaries = summarise({"empty", true, 4, 0, {{"standard", false, {}}}}, 0.95);
  writeReport(folder.path(), report);
  CHECK(unbalanced(slurp(folder.path() / "index.html")) == "");
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
  CHECK(confidenceText(0.95) == "95 %");
  CHECK(confidenceText(0.999) == "99.9 %");
  CHECK(percentInterval({0, 0.456}) == "[0.0, 45.6]");
}

TEST_CASE("tables escape what their format reads as a command") {
  Table table{"T & \"t\"", {{"a", "A"}, {"b,c", "B|C", true}}, {}};
  table.add({"x|y<z>\n_w_", "50 % & #1 \\ ~ ^ {Δ}"});
  CHECK(markdown(table) == "| A | B\\|C |\n|---|---:|\n| x\\|y&lt;z> \\_w\\_ | 50 % & #1 \\\\ ~ ^ {Δ} |\n");
  CHECK(escapeMarkdown("<0.001 a_b < c </d>") == "<0.001 a_b < c &lt;/d>");
  CHECK(without(tex(table), "50 \\% \\& \\#1 \\textbackslash{} \\textasciitilde{} \\textasciicircum{} "
                                         "\\{$\\Delta$\\} \\\\\n") == "");
  CHECK(csv(table) == "a,\"b,c\"\n\"x|y<z>\n_w_\",50 % & #1 \\ ~ ^ {Δ}\n");
  CHECK(without(html(table), "<td>x|y&lt;z&gt;\n_w_</td><td class=\"n\">") == "");
  CHECK_THROWS_AS(table.add({"one"}), std::logic_error);
}

TEST_CASE("axes end on round ticks that enclose the data") {
  const auto texts = [](const Axis& axis) {
    std::string joined;
    for (const Tick& tick : axis.ticks) joined += tick.text + " ";
    return joined;
  };
  CHECK(texts(niceAxis("", 0, 100)) == "0 20 40 60 80 100 ");
  CHECK(texts(niceAxis("", 10.4, 13.1)) == "10 11 12 13 14 ");
  CHECK(texts(niceAxis("", 0.1, 0.3)) == "0.10 0.15 0.20 0.25 0.30 ");
  CHECK(texts(niceAxis("", 12, 12)) == "11.4 11.6 11.8 12.0 12.2 12.4 12.6 ");
  const Axis axis = niceAxis("", 3.2, 97.1);
  CHECK(axis.low <= 3.2);
  CHECK(axis.high >= 97.1);
}

TEST_CASE("points that would cover each other are set side by side") {
  CHECK(spread({}, 10).empty());
  CHECK(spread({50, 100}, 10) == std::vector<double>{0, 0});
  CHECK(spread({50, 50, 50}, 10) == std::vector<double>{-10, 0, 10});
  CHECK(spread({54, 50}, 10) == std::vector<double>{3, -3});
  // The pair at 50 grows into 58's place: one cluster of three.
  const std::vector<double> pixels = {58, 50, 50}, shifts = spread(pixels, 10);
  CHECK(pixels[1] + shifts[1] + 10 == pixels[2] + shifts[2]);
  CHECK(pixels[2] + shifts[2] + 10 == pixels[0] + shifts[0]);
}
