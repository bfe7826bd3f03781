// datasets/convert.py and datasets/fetch.sh, on made-up files in each upstream format.
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "catch.h"
#include "data/reader.h"

using polar::testing::fixture;
using polar::testing::slurp;
using polar::testing::sourceDir;
using polar::testing::spill;
using polar::testing::TemporaryFolder;

namespace {

namespace fs = std::filesystem;

std::string inShell(const fs::path& path) { return "'" + path.string() + "'"; }

struct Outcome {
  int code;
  std::string said;
};

Outcome shell(const std::string& command, const fs::path& scratch) {
  const fs::path log = scratch / "said.txt";
  const int status = std::system(("( " + command + " ) >" + inShell(log) + " 2>&1").c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, slurp(log)};
}

// The upstream files as their homes serve them: archives where the home serves archives.
void makeArchives(const fs::path& folder) {
  const Outcome made =
      shell("cd " + inShell(fixture("data/upstream")) + " && tar -czf " + inShell(folder / "math.tar.gz") +
                " --transform 's,^,repository-main/data/,' -C math MATH && python3 -m zipfile -c " +
                inShell(folder / "mmlu_pro.zip") + " mmlu_pro.json",
            folder);
  REQUIRE(made.code == 0);
}

Outcome convert(const std::string& arguments, const fs::path& scratch) {
  return shell("python3 " + inShell(sourceDir() / "datasets/convert.py") + " " + arguments, scratch);
}

// A folder laid out as the hosts of the table are, for POLAR_MIRROR.
void makeMirror(const fs::path& mirror) {
  const fs::path raw = mirror / "raw.githubusercontent.com";
  const fs::path gsm8k =
      raw / "openai/grade-school-math/2909d34ef28520753df82a2234c357259d254aa8/grade_school_math/data";
  const fs::path qwen = raw / "QwenLM/Qwen2.5-Math/e128aa06871c7a0eeedc2ab21b69459bcb24c4fb/evaluation/data";
  for (const std::string split : {"train", "test"}) {
    spill(gsm8k / (split + ".jsonl"), slurp(fixture("data/upstream/gsm8k.jsonl")));
  }
  for (const std::string name : {"asdiv", "mawps", "svamp"}) {
    spill(qwen / name / "test.jsonl", slurp(fixture("data/upstream/" + name + ".jsonl")));
  }
  makeArchives(mirror);
  spill(mirror / "codeload.github.com/brando90/snap-cluster-setup/tar.gz/HEAD", slurp(mirror / "math.tar.gz"));
  spill(raw / "TIGER-AI-Lab/MMLU-Pro/main/eval_results/model_outputs_jamba-1.5-large_5shots.zip",
        slurp(mirror / "mmlu_pro.zip"));
}

std::string fetchCommand(const fs::path& data, const fs::path& mirror, const std::string& sets) {
  return "POLAR_DATA=" + inShell(data) + " POLAR_MIRROR=" + inShell("file://" + mirror.string()) + " bash " +
         inShell(sourceDir() / "datasets/fetch.sh") + " " + sets;
}

}  // namespace

TEST_CASE("each upstream format becomes the one format") {
  const TemporaryFolder folder;
  makeArchives(folder.path());
  const std::vector<std::array<std::string, 3>> cases = {
      {"gsm8k", "train", fixture("data/upstream/gsm8k.jsonl")}, {"math", "train", folder.path() / "math.tar.gz"},
      {"math", "test", folder.path() / "math.tar.gz"},          {"asdiv", "test", fixture("data/upstream/asdiv.jsonl")},
      {"mawps", "test", fixture("data/upstream/mawps.jsonl")},  {"svamp", "test", fixture("data/upstream/svamp.jsonl")},
      {"mmlu_pro", "test", folder.path() / "mmlu_pro.zip"}};
  for (const auto& [name, split, input] : cases) {
    INFO(name << " " << split);
    const fs::path output = folder.path() / (name + "_" + split + ".jsonl");
    const Outcome outcome = convert(name + " " + split + " " + inShell(input) + " " + inShell(output), folder.path());
    CHECK(outcome.code == 0);
    CHECK(outcome.said == "");
    CHECK(slurp(output) == slurp(fixture("data/expected/" + output.filename().string())));
    CHECK(polar::readExamples(output).size() >= 1);
  }
}

TEST_CASE("what is no such set is refused with one line and nothing written") {
  const TemporaryFolder folder;
  const fs::path input = folder.path() / "input";
  const fs::path output = folder.path() / "output.jsonl";
  const std::vector<std::array<std::string, 3>> cases = {
      {"gsm8k", "<html>\n", "line 1: not JSON (Expecting value)"},
      {"gsm8k", "{\"question\":\"q\",\"answer\":\"7\"}\n", "line 1: no #### in answer"},
      {"gsm8k", "", "no record found"},
      {"svamp", "{\"Body\":\"b\"}\n", "a record without the field 'Question'"},
      {"mawps", "{\"input\":\" \",\"target\":1}\n", "mawps/test/0: an empty question or answer"},
      {"mmlu_pro", "PK", "File is not a zip file"},
  };
  for (const auto& [name, content, problem] : cases) {
    INFO(name << ": " << content);
    spill(input, content);
    const Outcome outcome = convert(name + " test " + inShell(input) + " " + inShell(output), folder.path());
    CHECK(outcome.code == 2);
    CHECK(outcome.said ==
          "convert.py: " + input.string() + ": not " + name + " as its home serves it: " + problem + "\n");
    CHECK_FALSE(fs::exists(output));
    CHECK_FALSE(fs::exists(output.string() + ".tmp"));
  }
  CHECK(convert("math test " + inShell(input) + " " + inShell(output), folder.path()).code == 2);
  const Outcome usage = convert("squad test a b", folder.path());
  CHECK(usage.code == 2);
  CHECK(usage.said ==
        "usage: convert.py SET SPLIT INPUT OUTPUT, with SET one of gsm8k, math, asdiv, mawps, svamp, mmlu_pro\n");
}

TEST_CASE("fetch.sh fetches what is missing, keeps what is there, and stops at what fails") {
  const TemporaryFolder folder;
  if (shell("command -v curl", folder.path()).code != 0) {
    polar::testing::skipped("curl is not installed");
    return;
  }
  const fs::path mirror = folder.path() / "mirror";
  const fs::path data = folder.path() / "data";
  makeMirror(mirror);

  const Outcome all = shell(fetchCommand(data, mirror, ""), folder.path());
  INFO(all.said);
  REQUIRE(all.code == 0);
  for (const std::string name :
       {"gsm8k_train", "math_train", "math_test", "asdiv_test", "svamp_test", "mmlu_pro_test"}) {
    const std::size_t bar = name.rfind('_');
    CHECK(slurp(data / name.substr(0, bar) / (name.substr(bar + 1) + ".jsonl")) ==
          slurp(fixture("data/expected/" + name + ".jsonl")));
  }

  spill(data / "mawps/test.jsonl", "mine\n");
  CHECK(shell(fetchCommand(data, mirror, "mawps"), folder.path()).code == 0);
  CHECK(slurp(data / "mawps/test.jsonl") == "mine\n");

  const Outcome unknown = shell(fetchCommand(data, mirror, "squad"), folder.path());
  CHECK(unknown.code == 2);
  CHECK(unknown.said == "fetch.sh: no set is called 'squad'; the sets are: asdiv gsm8k math mawps mmlu_pro svamp\n");

  const fs::path fresh = folder.path() / "fresh";
  const Outcome missing = shell(fetchCommand(fresh, folder.path() / "nowhere", "svamp"), folder.path());
  CHECK(missing.code == 2);
  CHECK(missing.said.find("fetch.sh: file://") == 0);
  CHECK(missing.said.find("nothing was written for svamp/test") != std::string::npos);
  CHECK(std::count(missing.said.begin(), missing.said.end(), '\n') == 1);
  CHECK(fs::is_empty(fresh / "svamp"));
}
