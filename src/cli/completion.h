// Shell completion, made from the command line parser and the description of the config's keys: neither a subcommand
// nor a key is written down a second time.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace polar {

struct Completable {
  std::string word;     // "--limit", "search.budget", a subcommand
  std::string meaning;  // one line
  bool takesValue = false;
  std::vector<std::string> values = {};  // where only these may follow
};

struct CompletableCommand {
  Completable name;
  std::vector<Completable> options;
  bool overrides = false;  // takes key=value
};

struct CompletionWords {
  std::vector<CompletableCommand> commands;
  std::vector<Completable> keys;  // of the YAML, dotted
};

CompletionWords completionWords(const CLI::App& app);

std::vector<std::string> completionShells();
// A script for the shell to source. InputError naming the known shells on another.
std::string completionScript(const std::string& shell, const CompletionWords& words);

}  // namespace polar
