// The completion scripts, sourced by the shells they are for.
#include <algorithm>
#include <set>
#include <sstream>

#include "cli/command.h"

using namespace polar::testing;

namespace {

CommandResult shell(const std::string& script, const std::string& interpreter = "bash") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "script", out = folder.path() / "out", err = folder.path() / "err";
  spill(file, script);
  const std::string call = interpreter + " '" + file.string() + "' >'" + out.string() + "' 2>'" + err.string() + "'";
  const int status = std::system(call.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, slurp(out), slurp(err)};
}

// What bash offers for a line typed so far, as its completion calls the function.
std::set<std::string> offered(const std::string& line, const std::string& before = "") {
  const std::string script = "source <('" + std::string(POLAR_BINARY) + "' completion bash) || exit 9\n" + before +
                             "\nCOMP_LINE='" + line + "'; COMP_POINT=${#COMP_LINE}\n_polar\n" +
                             "printf '%s\\n' \"${COMPREPLY[@]}\"\n";
  const CommandResult result = shell(script);
  INFO(result.err);
  REQUIRE(result.status == 0);
  CHECK(result.err.empty());
  std::set<std::string> words;
  std::istringstream lines(result.out);
  for (std::string word; std::getline(lines, word);)
    if (!word.empty()) words.insert(word);
  return words;
}

using Words = std::set<std::string>;

}  // namespace

TEST_CASE("bash completes subcommands, options, keys and values") {
  const Words all = offered("polar ");
  for (const char* name : {"run", "search", "merge", "completion", "schema", "--help"}) CHECK(all.contains(name));
  CHECK(offered("polar se") == Words{"search"});
  CHECK(offered("polar search --") == Words{"--help", "--limit", "--fresh", "--shard", "--verify"});
  CHECK(offered("polar search configs/a.yaml --ve") == Words{"--verify"});
  CHECK(offered("polar search configs/a.yaml search.b") == Words{"search.budget=", "search.beam_width="});
  CHECK(offered("polar run a.yaml search.budget=3 runtime.exec") == Words{"runtime.executor="});
  CHECK(offered("polar run a.yaml search.strategy=be") == Words{"beam"});
  CHECK(offered("polar run a.yaml search.strategy=be", "COMP_WORDBREAKS=' '") == Words{"search.strategy=beam"});
  CHECK(offered("polar check a.yaml search.minimise=") == Words{"true", "false"});
  CHECK(offered("polar check a.yaml runtime.executor=s") == Words{"shared"});
  CHECK(offered("polar search ").empty());                // a file: bash's own
  CHECK(offered("polar inspect file search.b").empty());  // takes no overrides
}

TEST_CASE("zsh and fish accept their scripts, which know the same words") {
  for (const char* name : {"zsh", "fish"}) {
    const CommandResult script = polarCommand(std::string("completion ") + name);
    REQUIRE(script.status == 0);
    for (const char* word : {"search.budget", "merge", "mcts", "runtime.executor"})
      CHECK(script.out.find(word) != std::string::npos);
    if (std::system(("command -v " + std::string(name) + " >/dev/null").c_str()) != 0) {
      std::printf("%s is not installed: its script was not parsed\n", name);
      continue;
    }
    const CommandResult parsed = shell(script.out, std::string(name) + " -n");
    INFO(parsed.err);
    CHECK(parsed.status == 0);
    CHECK(parsed.err.empty());
  }
}

TEST_CASE("an unknown shell is answered with the known ones") {
  const CommandResult result = polarCommand("completion tcsh");
  CHECK(result.status == 2);
  CHECK(result.err == "polar: polar completion: found 'tcsh', expected one of bash, zsh, fish\n");
}
