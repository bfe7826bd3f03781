// kill -9 at random moments of an embedded search, then resume: nothing lost, nothing doubled, the same bytes as an
// unbroken run. POLAR_KILLS sets the number of kills (default 8).
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <chrono>
#include <map>
#include <set>
#include <thread>

#include "cli/command.h"
#include "store/label_store.h"
#include "support/random.h"

extern char** environ;

using namespace polar;
using namespace polar::testing;
namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// A search of 24 + 6 questions, a part each and few programs: most of the time goes into commits.
class Search {
 public:
  explicit Search(const fs::path& results) : log_(results / "log") {
    fs::create_directories(results);
    const fs::path source = sourceDir();
    std::vector<std::string> arguments{POLAR_BINARY,
                                       "search",
                                       (source / "configs/quickstart.yaml").string(),
                                       "results_dir=" + results.string(),
                                       "data.ood=[]",
                                       "data.train.limit=24",
                                       "data.test.limit=6",
                                       "search.budget=4",
                                       "search.samples=0",
                                       "search.part_examples=1",
                                       "runtime.workers=2"};
    for (const char* key : {"model.path=datasets/embedded/model", "data.train.path=datasets/embedded/train.jsonl",
                            "data.test.path=datasets/embedded/test.jsonl"}) {
      const std::string text = key;
      const std::size_t equals = text.find('=') + 1;
      arguments.push_back(text.substr(0, equals) + (source / text.substr(equals)).string());
    }
    std::vector<char*> pointers;
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files, 2, log_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const int error = ::posix_spawn(&process_, POLAR_BINARY, &files, nullptr, pointers.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    REQUIRE(error == 0);
  }

  // Waits at most that long; false where it was killed for it.
  bool finish(double seconds) {
    const auto start = Clock::now();
    int status = 0;
    while (::waitpid(process_, &status, WNOHANG) == 0) {
      if (secondsSince(start) >= seconds) {
        ::kill(process_, SIGKILL);
        REQUIRE(::waitpid(process_, &status, 0) == process_);
        break;
      }
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    if (WIFSIGNALED(status)) return false;
    INFO(slurp(log_));
    REQUIRE(WEXITSTATUS(status) == 0);
    return true;
  }

 private:
  fs::path log_;
  pid_t process_ = 0;
};

struct Outcome {
  std::string labels, oracle;
  bool operator==(const Outcome&) const = default;
};

Outcome outcomeIn(const fs::path& results) {
  return {slurp(results / "quickstart/labels.h5"), slurp(results / "quickstart/oracle.h5")};
}

std::vector<fs::path> partsIn(const fs::path& run) {
  std::vector<fs::path> parts;
  for (const char* folder : {"labels", "oracle"}) {
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(run / folder, none))
      if (entry.path().filename().string().starts_with("part-")) parts.push_back(entry.path());
  }
  return parts;
}

// What is committed stays as it is, kill after kill; each question is in one part.
class Committed {
 public:
  explicit Committed(fs::path run) : run_(std::move(run)) {}

  void check() {
    std::map<std::string, std::string> now;
    for (const fs::path& part : partsIn(run_)) now[part.string()] = slurp(part);
    for (const auto& [part, bytes] : seen_) {
      INFO(part);
      REQUIRE(now.contains(part));
      REQUIRE(now[part] == bytes);
    }
    for (const auto& [part, bytes] : now) {
      if (seen_.contains(part)) continue;
      INFO(part);
      for (const ExampleLabels& labels : readLabels(part).examples) {  // throws where it is not whole
        INFO(labels.example.id);
        REQUIRE(ids_.insert(fs::path(part).parent_path().filename().string() + " " + labels.example.id).second);
      }
    }
    seen_ = std::move(now);
  }
  std::size_t ids() const { return ids_.size(); }

 private:
  fs::path run_;
  std::map<std::string, std::string> seen_;
  std::set<std::string> ids_;
};

int killsWanted() {
  const char* text = std::getenv("POLAR_KILLS");
  return text && *text ? std::atoi(text) : 8;
}

void requireNothingOpen(const fs::path& run) {
  for (const auto& entry : fs::recursive_directory_iterator(run)) {
    INFO(entry.path());
    REQUIRE(entry.path().extension() != ".tmp");
  }
}

}  // namespace

TEST_CASE("kill -9 at random moments loses and doubles nothing, and resumes to the same bytes") {
  const TemporaryFolder whole;
  const auto start = Clock::now();
  REQUIRE(Search(whole.path()).finish(600));
  const double unbroken = secondsSince(start);
  const Outcome expected = outcomeIn(whole.path());
  REQUIRE(readLabels(whole.path() / "quickstart/labels.h5").examples.size() == 24);
  REQUIRE(readLabels(whole.path() / "quickstart/oracle.h5").examples.size() == 6);

  const int wanted = killsWanted();
  Random random(20240607);
  int kills = 0, runs = 0, withOpenFile = 0, midway = 0;
  while (kills < wanted) {
    const TemporaryFolder folder;
    const fs::path run = folder.path() / "quickstart";
    Committed committed(run);
    ++runs;
    bool finished = false;
    while (!finished) {
      // Once the kills are done the run is left to finish, as is one in the middle of a long series.
      const double limit = kills < wanted ? 1.1 * unbroken * random.uniform() : 600;
      finished = Search(folder.path()).finish(limit);
      kills += !finished;
      committed.check();
      midway += !finished && committed.ids() > 0 && committed.ids() < 30;
      std::error_code none;
      for (const auto& entry : fs::recursive_directory_iterator(run, none))
        withOpenFile +=
            !finished && entry.path().extension() == ".tmp" &&
            !entry.path().filename().string().starts_with(".in-use-");  // who holds the run, not what it writes
      if (fs::exists(run / "labels.h5")) REQUIRE(slurp(run / "labels.h5") == expected.labels);
    }
    REQUIRE(committed.ids() == 30);
    REQUIRE(outcomeIn(folder.path()) == expected);
    requireNothingOpen(run);
  }
  std::printf(
      "kill test: %d kills in %d runs of %.1f s, %d with some questions committed and some not, %d half-written "
      "file(s) left over; every run ended in the unbroken run's bytes\n",
      kills, runs, unbroken, midway, withOpenFile);
  CHECK(kills == wanted);
}
