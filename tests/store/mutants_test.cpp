// Label files whose HDF5 content is damaged and whose seal is right all the same: read or refused, never a crash.
#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdio>

#include "catch.h"
#include "sample_labels.h"
#include "store/label_store.h"
#include "support/error.h"
#include "support/hash.h"

using namespace polar;
using namespace polar::testing;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kSeal = 512;

void sealAnew(std::string& bytes) {
  const std::string hash = sha256(std::string_view(bytes).substr(kSeal));
  bytes.replace(bytes.find("sha256 ") + 7, hash.size(), hash);
}

// One to three changes: a byte, a few bytes of extreme values, a run copied from elsewhere, a cut end.
std::string mutant(const std::string& whole, Random& random) {
  std::string bytes = whole;
  const auto place = [&] { return kSeal + random.below(bytes.size() - kSeal); };
  for (std::uint64_t changes = 1 + random.below(3); changes > 0; --changes) {
    const std::uint64_t kind = random.below(10);
    if (kind < 5) {
      bytes[place()] = static_cast<char>(random.below(256));
    } else if (kind < 7) {
      const std::size_t at = place(), count = std::min<std::size_t>(1 + random.below(8), bytes.size() - at);
      for (std::size_t i = 0; i < count; ++i) bytes[at + i] = static_cast<char>(kind == 5 ? 0xff : 0);
    } else if (kind < 9) {
      const std::size_t from = place(), to = place();
      const std::size_t count = std::min({std::size_t{1} + random.below(64), bytes.size() - from, bytes.size() - to});
      bytes.replace(to, count, bytes.substr(from, count));
    } else {
      bytes.resize(std::max(kSeal + 1, bytes.size() - random.below(200)));
    }
  }
  sealAnew(bytes);
  return bytes;
}

enum class Outcome { read, refused, escaped, crashed };

// In a process of its own, as the polar command would be.
Outcome outcomeOf(const fs::path& file) {
  const pid_t process = ::fork();
  if (process == 0) {
    for (const int each : {SIGSEGV, SIGABRT, SIGFPE, SIGBUS, SIGILL}) std::signal(each, SIG_DFL);
    const struct rlimit none{0, 0}, seconds{30, 30};
    ::setrlimit(RLIMIT_CORE, &none);
    ::setrlimit(RLIMIT_CPU, &seconds);
    [[maybe_unused]] const auto* quiet = std::freopen("/dev/null", "w", stderr);
    int code = 2;
    try {
      readLabels(file);
      code = 0;
    } catch (const InputError&) {
      code = 1;
    } catch (...) {
    }
    ::_exit(code);
  }
  int status = 0;
  REQUIRE(::waitpid(process, &status, 0) == process);
  if (!WIFEXITED(status)) return Outcome::crashed;
  return WEXITSTATUS(status) == 0 ? Outcome::read : WEXITSTATUS(status) == 1 ? Outcome::refused : Outcome::escaped;
}

void tryMutants(int count, std::uint64_t seed) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "a.h5";
  std::vector<std::string> wholes;
  for (const int examples : {3, 200}) {  // the second's columns are chunked and packed
    LabelFile labels{sampleProvenance(), {}};
    for (int i = 0; i < examples; ++i) labels.examples.push_back(sampleExample(i));
    writeLabels(file, labels);
    wholes.push_back(slurp(file));
  }
  Random random(seed);
  int outcomes[4] = {};
  for (int i = 0; i < count; ++i) {
    const std::string bytes = mutant(wholes[i % wholes.size()], random);
    spill(file, bytes);
    const Outcome outcome = outcomeOf(file);
    ++outcomes[static_cast<int>(outcome)];
    const char* kept = std::getenv("POLAR_KEEP_MUTANTS");
    if (kept && outcome >= Outcome::escaped) spill(fs::path(kept) / (std::to_string(i) + ".h5"), bytes);
  }
  std::printf("%d mutants: %d read, %d refused, %d other exceptions, %d crashes\n", count, outcomes[0], outcomes[1],
              outcomes[2], outcomes[3]);
  CHECK(outcomes[2] == 0);
  CHECK(outcomes[3] == 0);
}

}  // namespace

TEST_CASE("damaged label files with a right seal do not crash their reader") { tryMutants(100, 7); }

TEST_CASE("thousands of damaged label files with a right seal", "[.mutants]") { tryMutants(2000, 8); }
