// polar inspect, polar merge: label files.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands.h"
#include "search/inspect.h"
#include "search/menu.h"
#include "stages/search_stage.h"
#include "store/label_store.h"
#include "support/error.h"
#include "support/output.h"
#include "support/progress.h"
#include "support/whole_number.h"

namespace polar {

void addInspect(CLI::App& app) {
  auto file = std::make_shared<std::string>();
  auto example = std::make_shared<std::string>();
  CLI::App* command =
      app.add_subcommand("inspect", "what a label file holds: counts, found share, lengths, best programs");
  command->add_option("file", *file, "labels.h5 or a part of it")->required();
  command->add_option("--example", *example, "also show every program of this example id");
  auto menu = std::make_shared<std::size_t>(0);
  command->add_option("--menu", *menu, "instead: the N programs that together answer most, as a text for search.menu")
      ->check(wholeNumber(1))
      ->excludes("--example");
  command->callback([file, example, menu] {
    if (*menu > 0) {
      writeText(menuText(readLabels(*file).examples, *menu));
      return;
    }
    const auto id = example->empty() ? std::nullopt : std::optional<std::string>(*example);
    writeText(inspectLabels(readLabels(*file), id));
  });
}

namespace {

void mergeFolder(const std::string& folder, const std::string& output) {
  if (output.empty()) {
    const RunLock lock(folder, Use::shared);  // beside shards that search
    mergeRun(RunPaths(folder));
    return;
  }
  if (std::filesystem::exists(output))
    throw InputError(output, "an existing file", "a new name", "nothing is overwritten: remove it or choose another");
  const RunPaths run(folder);
  mergeParts(std::filesystem::exists(run.config) ? run.labelParts : run.run, output, {});
  logLine("wrote " + output);
}

}  // namespace

void addMerge(CLI::App& app) {
  auto folder = std::make_shared<std::string>();
  auto output = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("merge", "join what the shards of a search wrote into one label file");
  command->add_option("run", *folder, "a run's folder; or, with --output, a folder of parts")->required();
  command->add_option("--output,-o", *output,
                      "write this file, examples sorted by id, whether all are there or not; must not exist. "
                      "Default: the run's labels.h5, in the order of its questions, which must all be there");
  command->callback([folder, output] { mergeFolder(*folder, *output); });
}

}  // namespace polar
