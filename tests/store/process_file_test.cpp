// Temporary files of several processes: none takes another's, and those of killed ones go.
#include "support/process_file.h"

#include <sys/wait.h>

#include <algorithm>

#include "catch.h"
#include "sample_labels.h"
#include "store/label_store.h"
#include "support/error.h"
#include "support/files.h"

using namespace polar;
using namespace polar::testing;
namespace fs = std::filesystem;

namespace {

template <typename Body>
pid_t child(Body body) {
  const pid_t process = ::fork();
  if (process == 0) {
    int code = 1;
    try {
      code = body() ? 0 : 2;
    } catch (...) {
    }
    ::_exit(code);
  }
  return process;
}

int codeOf(pid_t process) {
  int status = 0;
  return ::waitpid(process, &status, 0) == process && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("of processes that create one file exactly one does, and readers see whole content only") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "record";
  const std::string text(300000, 'x');
  std::vector<pid_t> creators, writers;
  for (int i = 0; i < 8; ++i) creators.push_back(child([&] { return createSharedFile(file, text); }));
  int created = 0;
  for (const pid_t each : creators) created += codeOf(each) == 0;
  CHECK(created == 1);
  for (int i = 0; i < 4; ++i)
    writers.push_back(child([&] {
      for (int j = 0; j < 20; ++j) writeFileAtomically(file, text);
      return true;
    }));
  for (int i = 0; i < 200; ++i) REQUIRE(slurp(file).size() == text.size());
  for (const pid_t each : writers) CHECK(codeOf(each) == 0);
  CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 1);
}

TEST_CASE("abandoned files are those of dead processes of this machine") {
  const TemporaryFolder folder;
  const pid_t process = child([] { return true; });
  REQUIRE(codeOf(process) == 0);
  const std::string mine = processFile(folder.path() / "part").filename().string();
  const std::string pid = std::to_string(::getpid());
  const std::size_t at = mine.rfind(pid);
  REQUIRE(mine == "." + std::string("part-") + mine.substr(6, at - 6) + pid + ".tmp");
  const std::string gone = mine.substr(0, at) + std::to_string(process) + ".tmp";
  const std::vector<std::string> kept{mine,
                                      ".part-elsewhere.invalid-" + std::to_string(process) + ".tmp",
                                      "part-000001.h5",
                                      ".part-" + pid + ".tmp",
                                      mine.substr(0, at) + "12x.tmp",
                                      gone.substr(1),
                                      "notes.tmp"};
  for (const std::string& name : kept) spill(folder.path() / name, "x");
  spill(folder.path() / gone, "x");
  removeAbandoned(folder.path());
  CHECK_FALSE(fs::exists(folder.path() / gone));
  for (const std::string& name : kept) {
    INFO(name);
    CHECK(fs::exists(folder.path() / name));
  }
  removeAbandoned(folder.path() / "absent");
}

TEST_CASE("shards that join at the same time write the same whole file") {
  const TemporaryFolder folder;
  const fs::path parts = folder.path() / "labels", output = folder.path() / "labels.h5";
  std::vector<std::string> ids;
  {
    LabelWriter writer(parts, sampleProvenance());
    for (int i = 0; i < 30; ++i) {
      ids.push_back(sampleExample(i).example.id);
      writer.add(sampleExample(i));
      if (i % 3 == 0) writer.commit();
    }
    writer.commit();
  }
  std::vector<std::string> sorted = ids;
  std::sort(sorted.begin(), sorted.end());
  CHECK(storedIds(parts) == sorted);
  CHECK(storedIds(folder.path() / "absent").empty());
  mergeParts(parts, folder.path() / "alone.h5", ids);
  std::vector<pid_t> mergers;
  for (int i = 0; i < 6; ++i)
    mergers.push_back(child([&] {
      for (int j = 0; j < 5; ++j) mergeParts(parts, output, ids);
      return true;
    }));
  for (const pid_t each : mergers) CHECK(codeOf(each) == 0);
  CHECK(slurp(output) == slurp(folder.path() / "alone.h5"));
  CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 3);
}
