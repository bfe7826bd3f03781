// Files made to hurt: deep nesting, pipes and devices, packed
// zeros, a disk and a memory that end. One line, exit code 2.
#include <sys/stat.h>

#include <algorithm>

#include "cli/command.h"
#include "interchange/gzip.h"

using namespace polar;
using namespace polar::testing;
namespace fs = std::filesystem;

namespace {

// A command of the shell, in the source folder, with POLAR for the command under test; at most a minute.
CommandResult shell(const TemporaryFolder& folder, const std::string& command, const std::string& input = "") {
  const auto in = folder.path() / "in", out = folder.path() / "out", err = folder.path() / "err",
             script = folder.path() / "script";
  spill(in, input);
  spill(script, "POLAR='" + std::string(POLAR_BINARY) + "'\ncd '" + sourceDir().string() + "'\n" + command + "\n");
  const std::string line = "timeout 60 bash '" + script.string() + "' <'" + in.string() + "' >'" + out.string() +
                           "' 2>'" + err.string() + "'";
  const int status = std::system(line.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, slurp(out), slurp(err)};
}

void requireLine(const CommandResult& result, const std::string& part) {
  INFO(result.err.substr(0, 500));
  CHECK(result.status == 2);
  CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
  CHECK(result.err.starts_with("polar: "));
  CHECK(has(result.err, part));
  CHECK_FALSE(has(result.err, "exception"));
}

std::string nested(std::size_t depth) {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i) text += R"({"a":[)";
  text += "1";
  for (std::size_t i = 0; i < depth; ++i) text += "]}";
  return text;
}

}  // namespace

TEST_CASE("JSON that nests 75,000 deep is one line wherever it is read") {
  const std::string deep = nested(37'500), expected = "JSON that nests deeper than 64 levels";
  const TemporaryFolder folder;
  for (const char* name : {"config.json", "tokenizer.json", "tokenizer_config.json", "generation_config.json"}) {
    INFO(name);
    const fs::path model = folder.path() / name;
    fs::copy(embeddedModel(), model, fs::copy_options::recursive);
    spill(model / name, deep);
    const auto result = shell(folder, "$POLAR exec --model " + model.string() + " --prompt x");
    requireLine(result, expected);
    CHECK(has(result.err, std::string(name) + ": "));
  }
  const fs::path data = folder.path() / "deep.json";
  spill(data, deep);
  requireLine(shell(folder, "$POLAR import " + data.string() + " -o " + (folder.path() / "a.h5").string()), expected);
  requireLine(shell(folder, "$POLAR grade", deep), expected);
  requireLine(shell(folder, "$POLAR check configs/quickstart.yaml data.train.path=" + data.string()), expected);
}

TEST_CASE("pipes and devices as inputs are refused, not waited for") {
  const TemporaryFolder folder;
  const fs::path pipe = folder.path() / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const std::string output = (folder.path() / "a.h5").string();
  for (const std::string& file : {pipe.string(), std::string("/dev/zero")}) {
    INFO(file);
    const std::string found = file + ": found a " + (file == "/dev/zero" ? "device" : "pipe");
    requireLine(shell(folder, "$POLAR check " + file), found);
    requireLine(shell(folder, "$POLAR check configs/quickstart.yaml data.train.path=" + file), found);
    requireLine(shell(folder, "$POLAR import " + file + " -o " + output), found);
    requireLine(shell(folder, "$POLAR inspect " + file), found);
    requireLine(shell(folder, "$POLAR model " + file), file + ": found no tokenizer.json");
  }
  requireLine(shell(folder, "$POLAR grade </dev/zero"), "stdin:1: found more than");
}

TEST_CASE("a packed file that holds gigabytes is refused before they fill the memory") {
  const TemporaryFolder folder;
  const std::string member = gzip(std::string(std::size_t{100} << 20, ' '));
  std::string packed;
  for (int i = 0; i < 12; ++i) packed += member;
  spill(folder.path() / "a.json.gz", packed);
  const auto result = shell(
      folder, "$POLAR import " + (folder.path() / "a.json.gz").string() + " -o " + (folder.path() / "a.h5").string());
  requireLine(result, "a.json.gz: found more than 1073741824 bytes of packed content");
}

TEST_CASE("memory that ends while a file is imported is one line") {
  const TemporaryFolder folder;
  std::string text = "[";
  for (int i = 0; i < 40'000'000; ++i) text += "[],";
  text.back() = ']';
  spill(folder.path() / "a.json", text);
  const auto result = shell(folder, "ulimit -v 2500000; $POLAR import " + (folder.path() / "a.json").string() + " -o " +
                                        (folder.path() / "a.h5").string());
  requireLine(result, "out of memory");
  CHECK_FALSE(fs::exists(folder.path() / "a.h5"));
}

TEST_CASE("a disk that is full while labels are written: one line, and nothing of them stays") {
  const TemporaryFolder folder;
  const fs::path data = folder.path() / "a.json", disk = folder.path() / "disk";
  fs::create_directories(disk);
  const std::string mount = "mount -t tmpfs -o size=200k tmpfs " + disk.string();
  if (shell(folder, "unshare -m bash -c '" + mount + "'").status != 0) {
    std::printf("skipped: no right to mount a small disk (unshare -m)\n");
    return;
  }
  std::string samples = "[";
  for (int i = 0; i < 40; ++i)
    samples += R"({"question":"What is )" + std::to_string(i) + R"( plus 1?","gt_ans":")" + std::to_string(i + 1) +
               R"(","final_valid_transitions":[[0,1,2]],"final_invalid_transitions":[[0,1],[0,2]]},)";
  samples.back() = ']';
  spill(data, samples);
  const std::string output = (disk / "labels.h5").string(), said = (folder.path() / "said").string();
  for (int free = 1; free <= 40; free += 3) {
    INFO(free << " KB free");
    const auto result =
        shell(folder, "unshare -m bash -c '" + mount + " && head -c " + std::to_string(200 - free) + "K /dev/zero >" +
                          disk.string() + "/other; " + std::string(POLAR_BINARY) + " import " + data.string() + " -o " +
                          output + " 2>" + said + "; code=$?; ls -A " + disk.string() + "; exit $code'");
    const std::string err = slurp(said);
    INFO(err);
    CHECK(std::count(err.begin(), err.end(), '\n') <= 2);
    CHECK_FALSE(has(err, "HDF5:"));
    if (result.status == 0) {
      CHECK(result.out == "labels.h5\nother\n");
    } else {
      CHECK(result.status == 2);
      CHECK(has(err, "it cannot be written (No space left on device)"));
      CHECK(result.out == "other\n");
    }
  }
}
