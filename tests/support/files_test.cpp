// Files that are whole or absent, and what is no file.
#include "support/files.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include "support/appended_lines.h"
#include "support/child.h"
#include "support/error.h"
#include "support/hash.h"
#include "support/mapped_file.h"
#include "support/process_file.h"

using namespace polar;
using namespace polar::testing;
namespace fs = std::filesystem;

namespace {

template <typename Body>
std::string refusal(Body body) {
  try {
    body();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

std::size_t filesIn(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

// A file may have at most this many bytes: the next write is cut there, and the one after it fails.
void limitFiles(rlim_t bytes) {
  std::signal(SIGXFSZ, SIG_IGN);
  const struct rlimit limit{bytes, bytes};
  ::setrlimit(RLIMIT_FSIZE, &limit);
}

}  // namespace

TEST_CASE("only regular files are read") {
  const TemporaryFolder folder;
  const fs::path pipe = folder.path() / "pipe", text = folder.path() / "text", link = folder.path() / "link";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  spill(text, "hello");
  fs::create_symlink("text", link);
  CHECK(readFile(link) == "hello");
  for (const auto& [file, found] : {std::pair{pipe, "a pipe"},
                                    {fs::path("/dev/zero"), "a device"},
                                    {folder.path(), "a folder"},
                                    {folder.path() / "none", "no readable file"}}) {
    INFO(file.string());
    const std::string start = file.string() + ": found " + found;
    CHECK(refusal([&] { readFile(file); }).starts_with(start));
    CHECK(refusal([&] { sha256File(file); }).starts_with(start));
    CHECK(refusal([&] { MappedFile mapped(file); }).starts_with(start));
  }
}

TEST_CASE("a file larger than is wanted is refused before it is read") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "large";
  spill(file, "");
  fs::resize_file(file, std::uintmax_t{1} << 40);  // sparse
  CHECK(refusal([&] { readFile(file, 1000); }).find("found more than 1000 bytes") != std::string::npos);
  CHECK_FALSE(refusal([&] { readFile(file); }).empty());
  spill(file, std::string(1000, 'x'));
  CHECK(readFile(file, 1000).size() == 1000);
}

TEST_CASE("a write that fails says why and leaves nothing") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "a.json";
  const std::string large(300'000, 'x');
  const ChildResult result = inChild([&] {
    limitFiles(100'000);
    errno = ENOTTY;  // what an earlier call left
    const std::string first = refusal([&] { writeFileAtomically(file, large); });
    const std::string second = refusal([&] { createSharedFile(file, large); });
    for (const std::string& text : {first, second})
      if (text.find("a.json: found it cannot be written (File too large)") == std::string::npos) return 1;
    return 0;
  });
  CHECK(result.code == 0);
  CHECK(filesIn(folder.path()) == 0);
}

TEST_CASE("a line that is written in part says why") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "a.jsonl";
  const ChildResult result = inChild([&] {
    limitFiles(100'000);
    AppendedLines lines(file);
    lines.append("whole");
    errno = ENOTTY;
    return refusal([&] { lines.append(std::string(300'000, 'x')); }).find("(File too large)") != std::string::npos ? 0
                                                                                                                   : 1;
  });
  CHECK(result.code == 0);
  CHECK(slurp(file).starts_with("whole\n"));
}

TEST_CASE("a rename that fails leaves no temporary file") {
  const TemporaryFolder folder;
  const fs::path taken = folder.path() / "taken";
  fs::create_directories(taken / "inside");
  CHECK(refusal([&] { writeFileAtomically(taken, "x"); }).find("it cannot be written") != std::string::npos);
  CHECK(filesIn(folder.path()) == 1);
}
