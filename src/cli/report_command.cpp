// polar report RUN [RUN…]: from finished stages; several runs side by side.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "cli/stages.h"
#include "eval/report.h"
#include "support/progress.h"

namespace polar {

void addReport(CLI::App& app) {
  auto runs = std::make_shared<std::vector<std::string>>();
  CLI::App* command = app.add_subcommand("report", "write index.html, tables and results.json of finished runs");
  command->add_option("runs", *runs, "run folders, e.g. results/quickstart")->required();
  command->callback([runs] {
    for (const std::string& run : *runs) {
      const RunPaths paths{std::filesystem::path(run)};
      const Report report = reportStage(paths);
      if (runs->size() > 1) std::printf("\n## %s\n\n", report.title.c_str());
      std::printf("%s", markdownTable(report).c_str());
      logLine("report: " + (paths.report / "index.html").string());
    }
  });
}

}  // namespace polar
