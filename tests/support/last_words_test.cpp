// Ends that no exception reaches: a mapped file that shrinks, memory that ends. One line, exit code 2.
#include <sys/resource.h>

#include <new>
#include <thread>
#include <vector>

#include "support/child.h"
#include "support/mapped_file.h"
#include "support/memory.h"

using namespace polar;
using namespace polar::testing;
namespace fs = std::filesystem;

TEST_CASE("a mapped file that becomes shorter ends the process with a line that names it") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "model.gguf", other = folder.path() / "other.gguf";
  for (const fs::path& each : {file, other}) spill(each, std::string(100'000, 'x'));
  const ChildResult result = inChild([&] {
    const MappedFile first(other);
    const MappedFile mapped = [&] { return MappedFile(file); }();
    fs::resize_file(file, 10);
    return std::to_integer<int>(mapped.bytes()[99'000]);
  });
  CHECK(result.code == 2);
  CHECK(result.err.starts_with("polar: " + file.string() + ": found less than there was when it was opened"));
  CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
}

TEST_CASE("a bus error that is no mapped file's stays one") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "model.gguf";
  spill(file, std::string(100'000, 'x'));
  const ChildResult result = inChild([&] {
    const MappedFile mapped(file);
    ::raise(SIGBUS);
    ::raise(SIGBUS);
    return 0;
  });
  CHECK(result.code == -1);
  CHECK(result.err.empty());
}

TEST_CASE("memory that ends on any thread is one line and exit code 2") {
  for (const bool onThread : {false, true}) {
    const ChildResult result = inChild([&] {
      exitWhenMemoryEnds();
      const struct rlimit limit{std::size_t{2} << 30, std::size_t{2} << 30};
      ::setrlimit(RLIMIT_AS, &limit);
      const auto fill = [] {
        std::vector<std::vector<char>> all;
        while (true) all.emplace_back(std::size_t{64} << 20);
      };
      if (onThread) std::thread(fill).join();
      fill();
      return 0;
    });
    CHECK(result.code == 2);
    CHECK(result.err == "polar: " + std::string(kOutOfMemory) + "\n");
  }
}

TEST_CASE("libraries' own words for the end of memory are known") {
  CHECK(saysOutOfMemory(std::bad_alloc()));
  CHECK(
      saysOutOfMemory(std::runtime_error("[enforce fail at alloc_cpu.cpp:117] err == 0. DefaultCPUAllocator: can't "
                                         "allocate memory: you tried to allocate 8 bytes.")));
  CHECK(saysOutOfMemory(std::runtime_error("CUDA out of memory. Tried to allocate 2.00 GiB")));
  CHECK_FALSE(saysOutOfMemory(std::runtime_error("vector::_M_range_check")));
}
