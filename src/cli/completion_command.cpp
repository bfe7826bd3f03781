// polar completion SHELL: a script that teaches the shell this command line.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands.h"
#include "cli/completion.h"
#include "support/output.h"

namespace polar {

void addCompletion(CLI::App& app) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(
      "completion", "a script for bash, zsh or fish that completes commands, options and keys of the YAML");
  command->add_option("shell", *shell, "bash, zsh or fish: source <(polar completion bash)")->required();
  command->callback([shell, &app] { writeOutput(completionScript(*shell, completionWords(app))); });
}

}  // namespace polar
