// polar help, polar version: what --help and --version say.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "cli/commands.h"
#include "support/error.h"
#include "support/output.h"
#include "support/printable.h"
#include "support/version.h"

namespace polar {
namespace {

// App::help() would explain the subcommand that was parsed, which is `help` itself.
std::string helpOf(const CLI::App& app, const std::string& word) {
  const CLI::App* const command = word.empty() ? &app : app.get_subcommand(word);
  const std::string name = word.empty() ? app.get_name() : app.get_name() + " " + word;
  return app.get_formatter()->make_help(command, name, CLI::AppFormatMode::Normal);
}

}  // namespace

void requireCommand(const CLI::App& app, const std::string& word) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  if (std::find(names.begin(), names.end(), word) != names.end()) return;
  const std::string nearest = nearestName(word, names);
  throw InputError("command line", "the command '" + printable(word, 60) + "'", "one of " + joinNames(names),
                   (nearest.empty() ? "" : "did you mean polar " + nearest + "? ") + "polar --help explains them");
}

void addHelp(CLI::App& app) {
  auto word = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("help", "this text; with a command, that command's");
  command->add_option("command", *word, "a command of polar, e.g. search");
  command->callback([word, &app] {
    if (!word->empty()) requireCommand(app, *word);
    writeText(helpOf(app, *word));
  });

  app.add_subcommand("version", "version and revision, as --version")->callback([] {
    writeText(versionText() + "\n");
  });
}

}  // namespace polar
