// polar inspect, polar merge: label files.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "search/inspect.h"
#include "store/label_store.h"
#include "support/error.h"
#include "support/progress.h"

namespace polar {

void addInspect(CLI::App& app) {
  auto file = std::make_shared<std::string>();
  auto example = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("inspect", "what a label file holds: counts, found share, lengths, best programs");
  command->add_option("file", *file, "labels.h5 or a part of it")->required();
  command->add_option("--example", *example, "also show every program of this example id");
  command->callback([file, example] {
    const auto id = example->empty() ? std::nullopt : std::optional<std::string>(*example);
    std::printf("%s", inspectLabels(readLabels(*file), id).c_str());
  });
}

void addMerge(CLI::App& app) {
  auto folder = std::make_shared<std::string>();
  auto output = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("merge", "join the parts of a labels folder into one file");
  command->add_option("parts", *folder, "a run's labels folder")->required();
  command->add_option("--output,-o", *output, "the file to write; must not exist")->required();
  command->callback([folder, output] {
    if (std::filesystem::exists(*output))
      throw InputError(*output, "an existing file", "a new name", "nothing is overwritten: remove it or choose another");
    mergeParts(*folder, *output, {});
    logLine("wrote " + *output);
  });
}

}  // namespace polar
