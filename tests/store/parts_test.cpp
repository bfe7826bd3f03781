// Parts: resume, kills, full disks, merging.
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>

#include "catch.h"
#include "sample_labels.h"
#include "store/label_store.h"
#include "support/error.h"

using namespace polar;
using namespace polar::testing;
namespace fs = std::filesystem;

namespace {

std::vector<std::string> idsOf(int examples) {
  std::vector<std::string> ids;
  for (int i = 0; i < examples; ++i) ids.push_back(sampleExample(i).example.id);
  return ids;
}

// Searches what is not yet committed, a part every `partExamples`.
void search(const fs::path& folder, int examples, std::size_t partExamples, int first = 0, int step = 1) {
  LabelWriter writer(folder, sampleProvenance());
  const std::vector<std::string> done = writer.committed();
  for (int i = first; i < examples; i += step) {
    ExampleLabels labels = sampleExample(i);
    if (std::find(done.begin(), done.end(), labels.example.id) != done.end()) continue;
    writer.add(std::move(labels));
    if (writer.pending() == partExamples) writer.commit();
  }
  writer.commit();
}

std::size_t filesIn(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

std::string merged(const fs::path& folder, const std::vector<std::string>& ids) {
  mergeParts(folder, folder / "../labels.h5", ids);
  return slurp(folder / "../labels.h5");
}

template <typename Call>
std::string messageOf(Call call) {
  try {
    call();
  } catch (const InputError& error) {
    CHECK(std::string(error.what()).find('\n') == std::string::npos);
    return error.what();
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// Runs `call` in a child process; its exit status.
template <typename Call>
int inChild(Call call) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(call());
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

}  // namespace

TEST_CASE("parts are numbered, committed and resumed") {
  TemporaryFolder folder;
  const fs::path parts = folder.path() / "labels";
  {
    LabelWriter writer(parts, sampleProvenance());
    CHECK(writer.committed().empty());
    writer.commit();  // nothing to do
    CHECK(filesIn(parts) == 0);
    writer.add(sampleExample(0));
    writer.add(sampleExample(1));
    CHECK(writer.pending() == 2);
    CHECK_THROWS_AS(writer.add(sampleExample(1)), std::logic_error);
    writer.commit();
    CHECK(writer.pending() == 0);
    CHECK(writer.committed() == idsOf(2));
    writer.add(sampleExample(2));  // not committed: lost
  }
  CHECK(filesIn(parts) == 1);
  CHECK(readLabels(parts / "part-000001.h5").examples.size() == 2);

  LabelWriter writer(parts, sampleProvenance());
  CHECK(writer.committed() == idsOf(2));
  CHECK_THROWS_AS(writer.add(sampleExample(0)), std::logic_error);
  writer.add(sampleExample(2));
  writer.commit();
  CHECK(readLabels(parts / "part-000002.h5").examples.front().example.id == sampleExample(2).example.id);
}

TEST_CASE("the merged bytes do not depend on how the parts were cut") {
  std::string reference;
  const std::vector<std::string> ids = idsOf(60);
  for (const std::size_t partExamples : {1, 7, 60}) {
    TemporaryFolder folder;
    search(folder.path() / "labels", 60, partExamples);
    const std::string bytes = merged(folder.path() / "labels", ids);
    if (reference.empty()) reference = bytes;
    CHECK(bytes == reference);
  }
  // Two shards, searched one after the other: another order of examples in the parts.
  TemporaryFolder folder;
  search(folder.path() / "labels", 60, 5, 1, 2);
  search(folder.path() / "labels", 60, 4, 0, 2);
  CHECK(merged(folder.path() / "labels", ids) == reference);
  writeLabels(folder.path() / "whole.h5", sampleFile(60));
  CHECK(slurp(folder.path() / "whole.h5") == reference);

  // Without a list: sorted by id. A shorter list: these alone.
  mergeParts(folder.path() / "labels", folder.path() / "sorted.h5", {});
  const LabelFile sorted = readLabels(folder.path() / "sorted.h5");
  REQUIRE(sorted.examples.size() == 60);
  CHECK(sorted.examples[2].example.id == "set/train/10");
  mergeParts(folder.path() / "labels", folder.path() / "two.h5", {ids[5], ids[2]});
  CHECK(readLabels(folder.path() / "two.h5").examples.front().example.id == ids[5]);
}

TEST_CASE("merging refuses gaps, contradictions and parts of another run") {
  TemporaryFolder folder;
  const fs::path parts = folder.path() / "labels", output = folder.path() / "labels.h5";
  CHECK(contains(messageOf([&] { mergeParts(parts, output, {}); }), "run polar search first"));
  search(parts, 4, 2);
  CHECK(contains(messageOf([&] { mergeParts(parts, output, idsOf(6)); }),
                 "no labels of 2 of 6 examples (first: set/train/4)"));

  // The same example twice: fine where equal, an error that names both parts where not.
  writeLabels(parts / "part-000009.h5", sampleFile(1));
  CHECK(messageOf([&] { mergeParts(parts, output, idsOf(4)); }).empty());
  writeLabels(folder.path() / "whole.h5", sampleFile(4));
  CHECK(slurp(output) == slurp(folder.path() / "whole.h5"));
  LabelFile changed = sampleFile(1);
  changed.examples[0].programs[2].evaluation.verdict = Verdict::right;
  changed.examples[0].programs[1].evaluation.verdict = Verdict::wrong;
  changed.examples[0].programs[0].evaluation.verdict = Verdict::undecided;
  changed.examples[0].programs[0].evaluation.margin = 77;
  writeLabels(parts / "part-000009.h5", changed);
  const std::string twice = messageOf([&] { mergeParts(parts, output, idsOf(4)); });
  CHECK(contains(twice, "part-000009.h5: example 'set/train/0': found other labels than in part-000001.h5"));

  LabelFile other = sampleFile(6);
  other.provenance.fingerprint = "f2";
  other.examples.erase(other.examples.begin(), other.examples.begin() + 4);
  writeLabels(parts / "part-000009.h5", other);
  CHECK(contains(messageOf([&] { mergeParts(parts, output, {}); }), "found the fingerprint f2, expected f1"));
  CHECK(contains(messageOf([&] { LabelWriter(parts, sampleProvenance()); }),
                 "part-000009.h5: found labels with the fingerprint f2"));
}

TEST_CASE("labels that unlike machines computed name them all, in every order") {
  TemporaryFolder folder;
  const auto part = [&](const char* name, int example, const std::string& machine) {
    LabelFile labels{sampleProvenance(), {sampleExample(example)}};
    labels.provenance.computedOn = machine;
    writeLabels(folder.path() / name, labels);
  };
  fs::create_directories(folder.path() / "a");
  fs::create_directories(folder.path() / "b");
  part("a/part-000001.h5", 0, "machine two");
  part("a/part-000002.h5", 1, "machine one");
  part("b/part-000001.h5", 1, "machine one");
  part("b/part-000002.h5", 0, "machine two");
  for (const char* parts : {"a", "b"}) mergeParts(folder.path() / parts, folder.path() / parts / "labels.h5", idsOf(2));
  CHECK(readProvenance(folder.path() / "a/labels.h5").computedOn == "machine one\nmachine two");
  CHECK(slurp(folder.path() / "a/labels.h5") == slurp(folder.path() / "b/labels.h5"));
  part("b/part-000003.h5", 2, "");  // of an earlier version
  mergeParts(folder.path() / "b", folder.path() / "labels.h5", {});
  CHECK(readProvenance(folder.path() / "labels.h5").computedOn == "machine one\nmachine two");
}

TEST_CASE("a shard never replaces another's part") {
  TemporaryFolder folder;
  LabelWriter first(folder.path(), sampleProvenance()), second(folder.path(), sampleProvenance());
  first.add(sampleExample(0));
  second.add(sampleExample(1));
  first.commit();
  second.commit();  // both opened an empty folder and would write part 1
  CHECK(filesIn(folder.path()) == 2);
  CHECK(readLabels(folder.path() / "part-000001.h5").examples.front().example.id == "set/train/0");
  CHECK(readLabels(folder.path() / "part-000002.h5").examples.front().example.id == "set/train/1");
}

TEST_CASE("killed at any moment, every part is whole and a resumed run ends at the same bytes") {
  TemporaryFolder folder;
  writeLabels(folder.path() / "whole.h5", sampleFile(40));
  const fs::path parts = folder.path() / "labels";
  Random random(11);
  int kills = 0;
  for (int round = 0; round < 40; ++round) {
    const pid_t child = ::fork();
    if (child == 0) {
      search(parts, 40, 1);
      ::_exit(0);
    }
    ::usleep(static_cast<useconds_t>(2000 + random.below(25000)));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) ++kills;
    for (const auto& entry : fs::directory_iterator(parts))
      if (entry.path().extension() == ".h5") CHECK_NOTHROW(readLabels(entry.path()));
  }
  CHECK(kills > 0);
  search(parts, 40, 3);
  CHECK(merged(parts, idsOf(40)) == slurp(folder.path() / "whole.h5"));
  for (const auto& entry : fs::directory_iterator(parts))
    CHECK(entry.path().extension() == ".h5");  // no open file is left
}

TEST_CASE("a full disk is one line, and leaves no part") {
  TemporaryFolder folder;
  for (const rlim_t limit : {rlim_t{0}, rlim_t{700}, rlim_t{3000}, rlim_t{9000}}) {
    const int status = inChild([&] {
      ::signal(SIGXFSZ, SIG_IGN);
      const rlimit small{limit, limit};
      ::setrlimit(RLIMIT_FSIZE, &small);
      try {
        search(folder.path() / "labels", 20, 20);
      } catch (const InputError& error) {
        return contains(error.what(), "cannot be written") ? 0 : 3;
      } catch (...) {
        return 4;
      }
      return 5;
    });
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    CHECK(filesIn(folder.path() / "labels") == 0);
  }
}

TEST_CASE("a folder that cannot be written is one line") {
  TemporaryFolder folder;
  spill(folder.path() / "file", "x");
  CHECK(contains(messageOf([&] { LabelWriter(folder.path() / "file/labels", sampleProvenance()); }),
                 "cannot be written"));
  CHECK(contains(messageOf([&] { writeLabels(folder.path() / "file/a.h5", sampleFile(1)); }), "cannot be written"));
  CHECK(contains(messageOf([&] { LabelWriter("/proc/labels", sampleProvenance()); }), "cannot be written"));
  fs::create_directory(folder.path() / "closed");
  ::chmod(folder.path().c_str(), 0755);
  ::chmod((folder.path() / "closed").c_str(), 0555);
  // Root writes where permissions forbid it, so it becomes another for this.
  const bool root = ::geteuid() == 0;
  if (root) REQUIRE(::seteuid(65534) == 0);
  const std::string message = messageOf([&] { LabelWriter(folder.path() / "closed", sampleProvenance()); });
  if (root) REQUIRE(::seteuid(0) == 0);
  CHECK(contains(message, "cannot be written"));
}
