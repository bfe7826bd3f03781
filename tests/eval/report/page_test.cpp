// Pages as a browser draws them: headless Chromium, nothing but the page on disk.
#include <sys/wait.h>

#include <regex>

#include "catch.h"
#include "eval/planted.h"
#include "eval/report/figures.h"
#include "eval/report/report.h"
#include "eval/report/report_comparison.h"

using namespace polar;
using namespace polar::testing;

namespace {

bool found(const char* program) {
  return std::system(("command -v " + std::string(program) + " > /dev/null 2>&1").c_str()) == 0;
}

bool canDraw() {
  for (const char* program : {"chromium", "python3"})
    if (!found(program)) {
      skipped(std::string(program) + " is not installed (Debian: " + program + ")");
      return false;
    }
  return true;
}

struct Drawn {
  std::string document;  // after all scripts have run
  std::string console;   // lines of the page's console
};

// Draws FOLDER/index.html and leaves the document in FOLDER/../dom.html.
Drawn draw(const std::filesystem::path& folder, bool dark = false) {
  const auto dom = folder.parent_path() / "dom.html", log = folder.parent_path() / "chromium.log";
  // 0 is the dark one; without a network, a profile or a GPU. The time is the page's own, not the clock's.
  const std::string command =
      "HOME='" + folder.parent_path().string() + "' timeout 120 chromium --headless --no-sandbox --disable-gpu" +
      std::string(dark ? " --blink-settings=preferredColorScheme=0" : "") + " --user-data-dir='" +
      (folder.parent_path() / "profile").string() +
      "' --proxy-server=127.0.0.1:9 --enable-logging=stderr --virtual-time-budget=20000 --dump-dom 'file://" +
      (folder / "index.html").string() + "' > '" + dom.string() + "' 2> '" + log.string() + "'";
  const int status = std::system(command.c_str());
  INFO(slurp(log).substr(0, 2000));
  REQUIRE(status == 0);
  std::istringstream lines(slurp(log));
  Drawn drawn{slurp(dom), ""};
  for (std::string line; std::getline(lines, line);)
    if (line.find("CONSOLE") != std::string::npos) drawn.console += line + "\n";
  return drawn;
}

std::string checkPage(const std::filesystem::path& folder) {
  const auto log = folder.parent_path() / "check.log";
  const int status = std::system(("python3 '" + fixture("eval/report/check_page.py").string() + "' '" +
                                  (folder.parent_path() / "dom.html").string() + "' '" + folder.string() + "' > '" +
                                  log.string() + "' 2>&1")
                                     .c_str());
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? "" : slurp(log);
}

std::string figuresDrawn(const std::string& document) {
  std::smatch match;
  return std::regex_search(document, match, std::regex("data-figures=\"([0-9]+)\"")) ? match[1].str() : "none";
}

std::string panelCount(const Report& report) {
  std::size_t count = 0;
  for (const Figure& figure : drawFigures(report)) count += figure.panels.size();
  return std::to_string(count);
}

}  // namespace

TEST_CASE("a browser draws every figure of a report, with the numbers of its tables") {
  if (!canDraw()) return;
  const TemporaryFolder temporary;
  const auto folder = temporary.path() / "report";
  writeReport(folder, plantedReport());
  const Drawn drawn = draw(folder);
  CHECK(drawn.console == "");
  CHECK(figuresDrawn(drawn.document) == panelCount(plantedReport()));
  CHECK(checkPage(folder) == "");
}

TEST_CASE("a browser shows names as text, never runs them, in the dark too") {
  if (!canDraw()) return;
  Report report = plantedReport();
  const std::string evil = "</script><script>document.title='ran'</script><img src=x onerror=\"document.title='ran'\">";
  report.title = report.description = report.configYaml = evil;
  for (Summary& summary : report.summaries) {
    summary.set = evil + summary.set;
    summary.commonest = evil;
    if (summary.policy == "random") summary.name.variant = evil;
  }
  for (LabelStatistics& labels : report.labels) labels.split = evil + labels.split;
  const TemporaryFolder temporary;
  writeReport(temporary.path() / "report", report);
  const Drawn drawn = draw(temporary.path() / "report", true);
  CHECK(drawn.console == "");
  CHECK(figuresDrawn(drawn.document) == panelCount(report));
  CHECK(drawn.document.find("<title>ran") == std::string::npos);
  CHECK(drawn.document.find("#e6e8eb") != std::string::npos);  // the dark theme's letters
}

TEST_CASE("a browser draws a comparison of runs") {
  if (!canDraw()) return;
  const TemporaryFolder temporary;
  const auto folder = temporary.path() / "comparison";
  const std::vector<ComparedRun> runs = {{"first", {{"seed", "1"}}, {plantedSet("test", true, 60, 0)}},
                                         {"second", {{"seed", "2"}}, {plantedSet("test", true, 60, 2)}},
                                         {"third", {{"seed", "3"}}, {plantedSet("test", true, 40, -2)}}};
  writeComparison(folder, compareRuns(runs, 0.95));
  const Drawn drawn = draw(folder);
  CHECK(drawn.console == "");
  CHECK(figuresDrawn(drawn.document) == "1");
  CHECK(checkPage(folder) == "");
}
