// Signals that ask a process to stop: one line, exit code 3, and the same command goes on.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "cli/command.h"

using namespace polar::testing;
namespace fs = std::filesystem;

namespace {

// A polar that runs beside the test.
class Running {
 public:
  // `ignored`: a signal that is ignored when it starts, as after nohup; or 0.
  Running(const std::vector<std::string>& arguments, const fs::path& folder, int ignored = 0)
      : out_(folder / "out"), err_(folder / "err") {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    stdin_ = ends[1];
    std::vector<char*> words{const_cast<char*>(POLAR_BINARY)};
    for (const std::string& each : arguments) words.push_back(const_cast<char*>(each.c_str()));
    words.push_back(nullptr);
    process_ = ::fork();
    REQUIRE(process_ >= 0);
    if (process_ > 0) {
      ::close(ends[0]);
      return;
    }
    if (ignored) ::signal(ignored, SIG_IGN);
    ::dup2(ends[0], 0);
    ::dup2(::open(out_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), 1);
    ::dup2(::open(err_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), 2);
    if (::chdir(sourceDir().c_str()) == 0) ::execv(POLAR_BINARY, words.data());
    ::_exit(127);
  }
  ~Running() {
    if (process_ > 0) {
      ::kill(process_, SIGKILL);
      ::waitpid(process_, nullptr, 0);
    }
    closeInput();
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  void say(const std::string& line) {
    REQUIRE(::write(stdin_, line.data(), line.size()) == static_cast<ssize_t>(line.size()));
  }
  void closeInput() {
    if (stdin_ >= 0) ::close(stdin_);
    stdin_ = -1;
  }
  void send(int signal) { REQUIRE(::kill(process_, signal) == 0); }

  // The exit code; minus the signal's number where one ended it.
  int wait() {
    int status = 0;
    REQUIRE(::waitpid(process_, &status, 0) == process_);
    process_ = 0;
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  }

  // Whether it has taken a signal over (before exec, the test's own handlers are there).
  bool catches(int signal) const {
    std::error_code none;
    if (fs::read_symlink("/proc/" + std::to_string(process_) + "/exe", none) != fs::canonical(POLAR_BINARY))
      return false;
    std::istringstream lines(slurp("/proc/" + std::to_string(process_) + "/status"));
    for (std::string line; std::getline(lines, line);)
      if (line.starts_with("SigCgt:")) return std::stoull(line.substr(7), nullptr, 16) >> (signal - 1) & 1;
    return false;
  }

  template <typename Condition>
  void waitUntil(Condition condition) {
    for (int i = 0; i < 30000 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    INFO(err());
    REQUIRE(condition());
  }

  std::string out() const { return slurp(out_); }
  std::string err() const { return slurp(err_); }

 private:
  fs::path out_, err_;
  pid_t process_ = 0;
  int stdin_ = -1;
};

const std::vector<std::string> kGrade = {"grade"};
const std::string kPair = "{\"answer\": \"1\", \"reference\": \"1\"}\n";
constexpr int kStops[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU};

std::vector<std::string> searchOf(const fs::path& results, int questions, const std::string& budget) {
  return {"search",
          "configs/quickstart.yaml",
          "results_dir=" + results.string(),
          "data.ood=[]",
          "data.test.limit=2",
          "data.train.limit=" + std::to_string(questions),
          "search.budget=" + budget,
          "search.samples=0",
          "search.part_examples=1",
          "runtime.workers=1"};
}

bool hasPart(const fs::path& run) {
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(run / "labels", none))
    if (entry.path().filename().string().starts_with("part-")) return true;
  return false;
}

}  // namespace

TEST_CASE("every stop signal ends a command that keeps nothing at once, with exit code 3") {
  for (const int signal : kStops) {
    INFO("signal " << signal);
    const TemporaryFolder folder;
    Running polar(kGrade, folder.path());
    polar.say(kPair);
    polar.waitUntil([&] { return !polar.out().empty(); });
    polar.send(signal);
    CHECK(polar.wait() == 3);
    CHECK(polar.err() == "polar: stopped by a signal; the same command starts again\n");
  }
}

TEST_CASE("a signal that comes while the libraries are still being made ready is a stop as well") {
  const TemporaryFolder folder;
  Running polar({"--version"}, folder.path());
  while (!polar.catches(SIGTERM)) std::this_thread::yield();
  polar.send(SIGTERM);
  CHECK(polar.wait() == 3);
  CHECK(polar.out().empty());
}

TEST_CASE("a signal that was ignored at the start stays ignored") {
  for (const int signal : {SIGHUP, SIGINT}) {
    const TemporaryFolder folder;
    Running polar(kGrade, folder.path(), signal);
    polar.say(kPair);
    polar.waitUntil([&] { return !polar.out().empty(); });
    polar.send(signal);
    polar.say(kPair);
    polar.closeInput();
    CHECK(polar.wait() == 0);
    const std::string out = polar.out();
    CHECK(std::count(out.begin(), out.end(), '\n') == 2);
  }
}

TEST_CASE("every stop signal ends a search after the questions in hand, and the same command goes on") {
  for (const int signal : kStops) {
    INFO("signal " << signal);
    const TemporaryFolder folder;
    {
      Running polar(searchOf(folder.path(), 400, "5"), folder.path());
      polar.waitUntil([&] { return hasPart(folder.path() / "quickstart"); });
      polar.send(signal);
      if (signal == SIGHUP || signal == SIGXCPU) polar.send(signal);  // a second one of these is nobody's wish
      CHECK(polar.wait() == 3);
      INFO(polar.err());
      CHECK(polar.err().find("polar: search stopped with ") != std::string::npos);
    }
    if (signal != SIGHUP) continue;
    Running polar(searchOf(folder.path(), 4, "5"), folder.path());
    CHECK(polar.wait() == 2);  // other questions: the record of the stopped search is there
  }
}

TEST_CASE("a second signal ends a search at once") {
  const TemporaryFolder folder;
  Running polar(searchOf(folder.path(), 1000, "1000000"), folder.path());
  polar.waitUntil([&] { return fs::exists(folder.path() / "quickstart/labels"); });
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  polar.send(SIGTERM);
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  polar.send(SIGTERM);
  CHECK(polar.wait() == 3);
  CHECK(polar.err().find("polar: stopped at once by a second signal") != std::string::npos);
}
