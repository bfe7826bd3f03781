// Every `build/polar` line of the README's shell blocks runs, so that the README stays true.
#include <sstream>

#include "cli/command.h"

using namespace polar::testing;

namespace {

// The arguments of the `build/polar …` lines in ```sh blocks, a trailing \ joining lines.
std::vector<std::string> readmeCommands() {
  std::istringstream readme(slurp(sourceDir() / "README.md"));
  std::vector<std::string> commands;
  bool shell = false;
  for (std::string line; std::getline(readme, line);) {
    if (line.rfind("```", 0) == 0) shell = line == "```sh";
    if (!shell || line.rfind("build/polar ", 0) != 0) continue;
    for (std::string more; line.ends_with('\\') && std::getline(readme, more);)
      line = line.substr(0, line.size() - 1) + more;
    commands.push_back(line.substr(std::string("build/polar ").size()));
  }
  return commands;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

}  // namespace

TEST_CASE("the README's commands run") {
  const TemporaryFolder folder;
  const auto commands = readmeCommands();
  CHECK(commands.size() >= 6);
  for (std::string command : commands) {
    if (command.find("smollm2") != std::string::npos) continue;  // needs a fetched model and data
    const std::string comment = " #";
    command = command.substr(0, command.find(comment));
    command = replaced(command, "results/quickstart", (folder.path() / "quickstart").string());
    if (command.find("results/short") != std::string::npos)  // a second run, as the text beside the blocks makes one
      std::filesystem::copy(folder.path() / "quickstart", folder.path() / "short",
                            std::filesystem::copy_options::recursive);
    command = replaced(command, "results/short", (folder.path() / "short").string());
    command = replaced(command, "configs/quickstart.yaml", "configs/quickstart.yaml" + smallRun(folder.path()));
    INFO("build/polar " << command);
    const auto result = polarCommand(command);
    INFO(result.err);
    CHECK(result.status == 0);
  }
}

TEST_CASE("paths that the README names exist") {
  std::istringstream words(slurp(sourceDir() / "README.md") + slurp(sourceDir() / "src/README.md"));
  for (std::string word; words >> word;) {
    const auto begin = word.find('`'), end = word.find('`', begin + 1);
    if (begin == std::string::npos || end == std::string::npos) continue;
    const std::string path = word.substr(begin + 1, end - begin - 1);
    const bool rooted = path.rfind("src/", 0) == 0 || path.rfind("search/", 0) == 0 || path.rfind("train/", 0) == 0 ||
                        path.rfind("eval/", 0) == 0 || path.rfind("tests/", 0) == 0 || path.rfind("configs/", 0) == 0 ||
                        path.rfind("datasets/", 0) == 0;
    if (!rooted || path.find_first_of("*{<NX") != std::string::npos) continue;
    INFO(path);
    CHECK(std::filesystem::exists(sourceDir() / path));
  }
}
