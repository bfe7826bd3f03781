// The live line and the lines of a log on a terminal: a real one, and what it shows in the end.
#include "support/progress.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <thread>
#include <vector>

#include "catch.h"

using namespace polar;

namespace {

// What `speak` writes to stderr, in a process of its own with a terminal of so many columns.
std::string onTerminal(unsigned short columns, const std::function<void()>& speak, const char* kind = "xterm") {
  const int ours = ::posix_openpt(O_RDWR | O_NOCTTY);
  REQUIRE(ours >= 0);
  REQUIRE(::grantpt(ours) == 0);
  REQUIRE(::unlockpt(ours) == 0);
  winsize size{};
  size.ws_row = 24;
  size.ws_col = columns;
  REQUIRE(::ioctl(ours, TIOCSWINSZ, &size) == 0);
  const std::string name = ::ptsname(ours);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const int theirs = ::open(name.c_str(), O_RDWR | O_NOCTTY);
    ::dup2(theirs, STDERR_FILENO);
    ::setenv("TERM", kind, 1);
    speak();
    ::_exit(0);
  }
  std::string text;
  char bytes[4096];
  for (ssize_t got;
       (got = ::read(ours, bytes, sizeof bytes)) > 0 || (got < 0 && ::waitpid(child, nullptr, WNOHANG) == 0);)
    if (got > 0) text.append(bytes, static_cast<std::size_t>(got));
  ::close(ours);
  return text;
}

// The rows that a terminal would show: line breaks, returns,
// "erase to the end", and wrapping at its width. "~" for "…".
std::vector<std::string> shown(std::string text, std::size_t columns) {
  for (std::size_t at; (at = text.find("…")) != std::string::npos;) text.replace(at, 3, "~");
  std::vector<std::string> rows{""};
  std::size_t column = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r') {
      column = 0;
    } else if (text[i] == '\n') {
      rows.emplace_back();
    } else if (text.compare(i, 3, "\x1b[K") == 0) {
      rows.back().resize(std::min(column, rows.back().size()));
      i += 2;
    } else {
      if (column == columns) {
        rows.emplace_back();
        column = 0;
      }
      rows.back().resize(std::max(rows.back().size(), column + 1), ' ');
      rows.back()[column++] = text[i];
    }
  }
  return rows;
}

void work() {
  Progress progress("search", "evaluations", 1000);
  for (int i = 0; i < 6; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(210));
    progress.advance(10, "a note that is far too long for a window of this width, so that the line would wrap");
    if (i == 3) logLine("hello");
  }
}

}  // namespace

TEST_CASE("on a narrow terminal progress is one line that never wraps, with log lines above it") {
  const std::size_t columns = GENERATE(30, 60, 79);
  const std::string text = onTerminal(static_cast<unsigned short>(columns), work);
  const std::vector<std::string> rows = shown(text, columns);
  INFO(text);
  // "hello"; the last line, whole; and the empty row after it.
  REQUIRE(rows.size() >= 3);
  CHECK(rows[0] == "polar: hello");
  CHECK(rows[1].starts_with("polar: search: 60/1000 eval"));
  CHECK(rows.back().empty());
  std::string last;
  for (std::size_t i = 1; i < rows.size(); ++i) last += rows[i];
  CHECK(last.ends_with("so that the line would wrap"));
}

TEST_CASE("a live line is drawn again below a log line") {
  const std::string text = onTerminal(200, work);
  const std::size_t hello = text.find("polar: hello\r\n");
  REQUIRE(hello != std::string::npos);
  CHECK(text.substr(0, hello).ends_with("\r\x1b[K"));
  CHECK(text.substr(hello + 14).starts_with("search: 40/1000"));
}

TEST_CASE("a terminal that cannot draw over a line gets whole lines only") {
  const std::string text = onTerminal(80, work, "dumb");
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find("polar: hello\r\npolar: search: 60/1000 evaluations") != std::string::npos);
}

TEST_CASE("log lines are made fit to print") {
  CHECK(onTerminal(80, [] { logLine("a\x1b[2Jb\nc"); }) == "polar: a\\x1b[2Jb\\nc\r\n");
}
