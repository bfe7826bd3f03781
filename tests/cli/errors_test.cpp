// Bad input: one clear line, exit code 2, nothing half-written.
#include <algorithm>

#include "cli/command.h"

using namespace polar::testing;

namespace {

// Every refusal is one line that starts with the command's name and never shows a library's own words.
CommandResult requireRefusal(const std::string& arguments, const std::string& input = "") {
  INFO("polar " << arguments);
  const CommandResult result = polarCommand(arguments, input);
  INFO(result.err);
  CHECK(result.status == 2);
  CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
  CHECK(result.err.rfind("polar: ", 0) == 0);
  for (const char* foreign : {"nlohmann", "yaml-cpp", "json.exception", "H5", "c10", "filesystem error", "std::"})
    CHECK(result.err.find(foreign) == std::string::npos);
  return result;
}

std::string run(const TemporaryFolder& folder, const std::string& more) {
  return "run configs/quickstart.yaml results_dir=" + (folder.path() / "results").string() + " " + more;
}

}  // namespace

TEST_CASE("a missing model is one line") {
  const TemporaryFolder folder;
  const auto result = requireRefusal(run(folder, "model.path=no/such/model"));
  CHECK(result.err.find("no/such/model: found") !=
        std::string::npos);
}

TEST_CASE("a model that was not fetched tells the command that fetches it") {
  const TemporaryFolder folder;
  const auto result =
      requireRefusal("exec --model cache:nothing --prompt x");
  CHECK(result.err.find("src/setup/fetch_model.sh nothing") != std::string::npos);
}

TEST_CASE("a broken GGUF is one line") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "broken.gguf";
  spill(file, "GGUF\3");
  CHECK(requireRefusal("model " + file.string()).err.find("broken.gguf") != std::string::npos);
  spill(file, "not a model at all");
  CHECK(requireRefusal("model " + file.string()).err.find("no GGUF magic number") != std::string::npos);
}

TEST_CASE("a wrong key is named with its line and the nearest one") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "wrong.yaml";
  spill(file, slurp(sourceDir() / "configs/quickstart.yaml") + "\nserach:\n  budget: 3\n");
  const auto result = requireRefusal("check " + file.string());
  CHECK(result.err.find("wrong.yaml:") != std::string::npos);
  CHECK(result.err.find("serach") != std::string::npos);
  CHECK(result.err.find("did you mean search") != std::string::npos);
}

TEST_CASE("an unknown strategy or policy is refused before anything is written") {
  const TemporaryFolder folder;
  requireRefusal(run(folder, "search.strategy=enumarate"));
  requireRefusal(run(folder, "'eval.policies=[standard, predicter]'"));
  CHECK_FALSE(std::filesystem::exists(folder.path() / "results"));
}

TEST_CASE("an empty dataset is one line") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "empty.jsonl";
  spill(file, "");
  CHECK(requireRefusal(run(folder, "data.train.path=" + file.string())).err.find("empty.jsonl") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder.path() / "results"));
}

TEST_CASE("an offset behind the file's end is one line") {
  const TemporaryFolder folder;
  const auto result = requireRefusal(run(folder, "data.test.offset=2500"));
  CHECK(result.err.find("test.jsonl: found 2500 examples, expected more than the offset of 2500") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder.path() / "results"));
}

TEST_CASE("a results folder that cannot be written is one line") {
  CHECK(requireRefusal("run configs/quickstart.yaml results_dir=/proc/polar-results").err.find("cannot be written") !=
        std::string::npos);
}

TEST_CASE("a program beyond the depth is one line") {
  const auto result = requireRefusal("exec --model datasets/embedded/model --program 0-12 --prompt x");
  CHECK(result.err.find("program '0-12': found layer 12, expected ascending runs of layers 0 to 11") != std::string::npos);
}

TEST_CASE("usage mistakes exit with 2 and point to --help") {
  CHECK(requireRefusal("").err.find("--help") != std::string::npos);
  CHECK(requireRefusal("rum configs/quickstart.yaml").err.find("--help") != std::string::npos);
  requireRefusal("run");
  requireRefusal("exec --model datasets/embedded/model --prompt x --max-new -3");
  CHECK(requireRefusal("exec --model datasets/embedded/model --prompt x --kv both").err.find("own_slot or shared_slot") !=
        std::string::npos);
  CHECK(requireRefusal("exec --model datasets/embedded/model --prompt x --kv shared_slot --executor shared")
            .err.find("the plain executor") != std::string::npos);
  requireRefusal("tokenize --model datasets/embedded/model", "not json\n");
  requireRefusal("grade", "{\"answer\": 3, \"reference\": \"3\"}\n");
  requireRefusal("report no/such/run");
  requireRefusal("inspect no/such/labels.h5");
}

TEST_CASE("help of every subcommand is a success") {
  const std::string help = polarCommand("--help").out;
  for (const char* name : {"run", "search", "train", "eval", "report", "ask", "exec", "model", "inspect", "merge", "import", "export", "bench",
                           "check", "schema", "tokenize", "grade"}) {
    INFO(name);
    CHECK(help.find(std::string("  ") + name + " ") != std::string::npos);
    CHECK(polarCommand(std::string(name) + " --help").status == 0);
  }
}
