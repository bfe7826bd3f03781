// polar report RUN: a run's report from its finished stages. polar report A B …: the runs compared.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands.h"
#include "eval/report/report.h"
#include "stages/report_runs.h"
#include "stages/report_stage.h"
#include "support/error.h"
#include "support/output.h"
#include "support/progress.h"

namespace polar {
namespace {

namespace fs = std::filesystem;

struct ReportOptions {
  std::vector<std::string> runs;
  std::string output;
  bool force = false;
};

// Only a run's own report folder is written again without asking.
void requireFree(const fs::path& folder, bool force) {
  std::error_code unreadable;
  if (force || !fs::exists(folder) || fs::is_empty(folder, unreadable)) return;
  throw InputError(folder.string(), "files already there", "a folder to be made, or an empty one",
                   "name another with --output, or say --force to write over them");
}

void writeOne(const ReportOptions& options) {
  RunPaths paths{fs::path(options.runs.front())};
  const RunLock lock(paths.run, Use::shared);
  if (!options.output.empty()) {
    requireFree(options.output, options.force);
    paths.report = options.output;
  }
  writeText(markdownTable(reportStage(paths)));
  logLine("report: " + (paths.report / "index.html").string());
}

void compare(const ReportOptions& options) {
  const std::vector<ComparedRun> runs = readRuns(options.runs);
  fs::path folder = options.output;
  if (options.output.empty()) {
    std::string name;
    for (const std::string& run : options.runs) name += (name.empty() ? "" : "-vs-") + folderName(run);
    folder = (fs::path(options.runs.front()) / "..").lexically_normal() / name;
  }
  requireFree(folder, options.force);
  const double confidence = readRunConfig(RunPaths{fs::path(options.runs.front())}).eval.confidence;
  const RunComparison comparison = compareRuns(runs, confidence);
  writeComparison(folder, comparison);
  writeText(markdownComparison(comparison));
  logLine("comparison: " + (folder / "index.html").string());
}

}  // namespace

void addReport(CLI::App& app) {
  auto options = std::make_shared<ReportOptions>();
  CLI::App* command = app.add_subcommand(
      "report", "write index.html, tables, figures and results.json of a finished run; of several runs, compare them");
  command
      ->add_option("runs", options->runs,
                   "run folders, e.g. results/quickstart; with several, the first is what the others are compared "
                   "with: differing config keys, and paired tests on the questions they share")
      ->required();
  command->add_option("--output", options->output,
                      "folder to write to (default: the run's own report/; for several, A-vs-B beside the first)");
  command->add_flag("--force", options->force, "write over files that are there already");
  command->callback([options] {
    if (options->runs.size() == 1)
      writeOne(*options);
    else
      compare(*options);
  });
}

}  // namespace polar
