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
  CHECK(result.err.find("no/such/model: found") != std::string::npos);
}

TEST_CASE("a model that was not fetched names the command that fetches it, where there is one") {
  const TemporaryFolder folder;
  const std::string cache = "POLAR_CACHE='" + folder.path().string() + "' " + kPolar;
  const auto known = shellCommand(cache + " exec --model cache:smollm2 --prompt x");
  CHECK(known.status == 2);
  CHECK(known.err.find("; run src/setup/fetch_model.sh smollm2\n") != std::string::npos);
  const auto unknown = shellCommand(cache + " exec --model cache:nothing --prompt x");
  CHECK(unknown.status == 2);
  CHECK(unknown.err.find("fetch_model.sh nothing") == std::string::npos);
  CHECK(has(unknown.err,
            "; src/setup/fetch_model.sh fetches qwen2.5-coder-0.5b, qwen2.5-coder-1.5b, smollm2; "
            "put another model there, or give its own path\n"));
}

TEST_CASE("a mistyped command is answered with the nearest one") {
  CHECK(requireRefusal("serch configs/quickstart.yaml").err.find("did you mean polar search?") != std::string::npos);
  CHECK(requireRefusal("inspct x").err.find("did you mean polar inspect?") != std::string::npos);
  CHECK(requireRefusal("help serch").err.find("did you mean polar search?") != std::string::npos);
  const auto far = requireRefusal("xyzzyxyzzy");
  CHECK(far.err.find("did you mean") == std::string::npos);
  CHECK(far.err.find("one of run, search, train, eval, report, ask,") != std::string::npos);
}

TEST_CASE("help and version are commands too") {
  CHECK(polarCommand("help").out == polarCommand("--help").out);
  CHECK(polarCommand("version").out == polarCommand("--version").out);
  for (const char* name : {"search", "exec", "help", "version"}) {
    INFO(name);
    const auto asked = polarCommand(std::string("help ") + name);
    CHECK(asked.status == 0);
    CHECK(asked.err.empty());
    CHECK(asked.out == polarCommand(std::string(name) + " --help").out);
  }
}

TEST_CASE("numbers of the command line are read as they are written") {
  const std::string search = "search configs/quickstart.yaml ",
                    exec = "exec --model datasets/embedded/model --prompt x ";
  const std::vector<std::string> wrong = {search + "--limit 99999999999999999999",
                                          search + "--limit 0",
                                          search + "--limit 010",
                                          search + "--limit 0x10",
                                          search + "--limit 1.5",
                                          search + "--limit -1",
                                          search + "--limit 1e3",
                                          search + "--limit ''",
                                          search + "--verify 99999999999999999999",
                                          "inspect x --menu 99999999999999999999",
                                          "inspect x --menu -1",
                                          exec + "--max-new 99999999999999999999",
                                          exec + "--max-new 4294967296",
                                          "ask configs/quickstart.yaml --question x -k 18446744073709551617"};
  for (const std::string& arguments : wrong) {
    const auto result = requireRefusal(arguments);
    CHECK(result.err.find("expected a whole number from ") != std::string::npos);
  }
}

TEST_CASE("more tokens than the model has positions are refused as what they are") {
  const auto result = requireRefusal("exec --model datasets/embedded/model --prompt x --max-new 100000");
  CHECK(result.err.find(
            "polar: prompt.max_new_tokens (--max-new): found 100000 tokens, expected fewer than the model's ") !=
        std::string::npos);
}

TEST_CASE("what ask advises repeats the config and its overrides") {
  const TemporaryFolder folder;
  const std::string results = "results_dir=" + folder.path().string();
  const auto result =
      requireRefusal("ask configs/quickstart.yaml " + results + " 'eval.policies=[standard, value]' --question x");
  CHECK(result.err.find("; run polar run configs/quickstart.yaml " + results +
                        " 'eval.policies=[standard, value]' first\n") != std::string::npos);
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

TEST_CASE("an offset after the file's end is one line") {
  const TemporaryFolder folder;
  const auto result = requireRefusal(run(folder, "data.test.offset=2500"));
  CHECK(result.err.find("test.jsonl: found 2500 examples, expected more than the offset of 2500") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder.path() / "results"));
}

TEST_CASE("a results folder that cannot be written is one line") {
  CHECK(requireRefusal("run configs/quickstart.yaml 'data.ood=[]' results_dir=/proc/polar-results")
            .err.find("cannot be written") != std::string::npos);
}

TEST_CASE("a program beyond the depth is one line") {
  const auto result = requireRefusal("exec --model datasets/embedded/model --program 0-12 --prompt x");
  CHECK(result.err.find("program '0-12': found layer 12, expected ascending runs of layers 0 to 11") !=
        std::string::npos);
}

TEST_CASE("usage mistakes exit with 2 and point to --help") {
  CHECK(requireRefusal("").err.find("--help") != std::string::npos);
  CHECK(requireRefusal("rum configs/quickstart.yaml").err.find("--help") != std::string::npos);
  requireRefusal("run");
  requireRefusal("exec --model datasets/embedded/model --prompt x --max-new -3");
  CHECK(
      requireRefusal("exec --model datasets/embedded/model --prompt x --kv both").err.find("own_slot or shared_slot") !=
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
  for (const char* name : {"run", "search", "train", "eval", "report", "ask", "exec", "model", "inspect", "merge",
                           "import", "export", "bench", "check", "schema", "tokenize", "grade"}) {
    INFO(name);
    CHECK(help.find(std::string("  ") + name + " ") != std::string::npos);
    CHECK(polarCommand(std::string(name) + " --help").status == 0);
  }
}
