// What a command prints on stdout arrives whole, or the command says that it did not.
#include <algorithm>

#include "cli/command.h"

using namespace polar::testing;

namespace {

const std::string kModel = " --model datasets/embedded/model ";

// Every command that prints data, with what it reads.
std::vector<std::pair<std::string, std::string>> printingCommands(const std::filesystem::path& results) {
  const std::string run = (results / "quickstart").string(), config = " configs/quickstart.yaml" + smallRun(results);
  return {{"exec" + kModel + "--prompt x --max-new 1", ""},
          {"model datasets/embedded/model", ""},
          {"tokenize" + kModel, "{\"text\": \"1\"}\n"},
          {"grade", "{\"answer\": \"1\", \"reference\": \"1\"}\n"},
          {"schema", ""},
          {"completion bash", ""},
          {"--help", ""},
          {"search --help", ""},
          {"help search", ""},
          {"--version", ""},
          {"version", ""},
          {"check" + config, ""},
          {"inspect " + run + "/labels.h5", ""},
          {"inspect " + run + "/labels.h5 --menu 2", ""},
          {"report " + run, ""},
          {"report " + run + " " + run + "-again --force --output " + run + "-vs", ""},
          {"search" + config + " --verify 2", ""},
          {"run" + config, ""},
          {"ask" + config + " --question '1 + 1?'", ""},
          {"bench" + config + " --questions 1 --programs 2 --executors plain", ""}};
}

}  // namespace

TEST_CASE("a full disk under stdout is an error of every command") {
  const TemporaryFolder folder;
  const auto made = polarCommand("run configs/quickstart.yaml" + smallRun(folder.path()));
  INFO(made.err);
  REQUIRE(made.status == 0);
  std::filesystem::copy(folder.path() / "quickstart", folder.path() / "quickstart-again",
                        std::filesystem::copy_options::recursive);
  for (const auto& [arguments, input] : printingCommands(folder.path())) {
    INFO("polar " << arguments);
    const auto good = polarCommand(arguments, input);
    CHECK(good.status == 0);
    CHECK_FALSE(good.out.empty());
    const auto full = shellCommand(kPolar + " " + arguments + " >/dev/full", input);
    INFO(full.err);
    CHECK(full.status == 2);
    CHECK(full.err.find("polar: standard output: found that it cannot be written (No space left on device)") !=
          std::string::npos);
  }
}

TEST_CASE("a file size limit under stdout is an error, not a signal") {
  const TemporaryFolder folder;
  const auto result =
      shellCommand("(ulimit -f 1; " + kPolar + " schema >'" + (folder.path() / "schema").string() + "')");
  CHECK(result.status == 2);
  CHECK(result.err.find("(File too large)") != std::string::npos);
}

TEST_CASE("where nobody reads any more the process ends by SIGPIPE, without a word") {
  // 141 = 128 + SIGPIPE. The second time the signal is ignored when the process starts, as some launchers leave it.
  for (const char* before : {"", "trap '' PIPE; "}) {
    INFO(before);
    const auto result =
        shellCommand("{ " + std::string(before) + "sleep 0.5; " + kPolar + " schema; echo $? >&2; } | true");
    CHECK(result.err == "141\n");
  }
}

TEST_CASE("stdin that cannot be read is an error") {
  const auto result = shellCommand(kPolar + " grade </");
  CHECK(result.status == 2);
  CHECK(result.err == "polar: stdin: found that it cannot be read, expected JSON lines\n");
}

TEST_CASE("closed standard files stay out of the run's files") {
  const TemporaryFolder folder;
  const auto result =
      shellCommand(kPolar + " search configs/quickstart.yaml" + smallRun(folder.path()) + " <&- >&- 2>&-");
  CHECK(result.status == 0);
  std::istringstream log(slurp(folder.path() / "quickstart/labels.log.jsonl"));
  std::size_t lines = 0;
  for (std::string line; std::getline(log, line); ++lines) CHECK(line.starts_with('{'));
  CHECK(lines == 18);  // of the start, of 16 questions, and of the call
}

TEST_CASE("what reaches a terminal has no control characters, and no message is long") {
  const TemporaryFolder folder;
  const std::string evil = "\x1b]0;gone\x07\xe2\x80\xae\xff", million(100000, 'x');
  const auto harmless = [](const std::string& text) {
    return text.find('\x1b') == std::string::npos && text.find('\x07') == std::string::npos &&
           text.find("\xe2\x80\xae") == std::string::npos && text.find('\xff') == std::string::npos;
  };
  const std::string config = " configs/quickstart.yaml results_dir='" + folder.path().string() + "' ";
  for (const std::string& text : {evil, million})
    for (const std::string& arguments :
         {"check" + config + "'data.train.path=" + text + "'", "check" + config + "'" + text + "=1'",
          "check '" + text + "'", "model '" + text + "'", "'" + text + "'",
          "exec" + kModel + "--prompt x --program '" + text + "'", "search" + config + "'--" + text + "'",
          "search" + config + "--limit '" + text + "'", "inspect '" + text + "'", "completion '" + text + "'"}) {
      INFO(arguments.substr(0, 200));
      const auto result = polarCommand(arguments);
      INFO(result.err.substr(0, 4000));
      CHECK(result.status == 2);
      CHECK(harmless(result.err));
      CHECK(result.err.size() < 3000);
      CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
    }
}

TEST_CASE("ids and questions of a label file are made fit to print") {
  const TemporaryFolder folder;
  std::string lines;
  for (int i = 0; i < 4; ++i)
    lines += R"({"id": "a\u001b[2J)" + std::to_string(i) + R"(", "question": "\u202e\u009b31m 1 + )" +
             std::to_string(i) + R"(?", "answer": "2"})" + "\n";
  spill(folder.path() / "train.jsonl", lines);
  const auto made = polarCommand("search configs/quickstart.yaml" + smallRun(folder.path()) +
                                 " data.train.path=" + (folder.path() / "train.jsonl").string() + " search.budget=3");
  INFO(made.err);
  REQUIRE(made.status == 0);
  const auto shown = shellCommand(kPolar + " inspect '" + (folder.path() / "quickstart/labels.h5").string() +
                                  "' --example \"$(printf 'a\\033[2J1')\"");
  INFO(shown.out << shown.err);
  REQUIRE(shown.status == 0);
  CHECK(shown.out.find("\nExample a\\x1b[2J1\n") != std::string::npos);
  CHECK(shown.out.find("\\u202e\\u009b31m 1 + 1?") != std::string::npos);
  CHECK(shown.out.find('\x1b') == std::string::npos);
}
