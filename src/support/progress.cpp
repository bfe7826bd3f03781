#include "support/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <sstream>

#include "support/printable.h"

namespace polar {
namespace {

using Clock = std::chrono::steady_clock;
double seconds(Clock::duration d) { return std::chrono::duration<double>(d).count(); }

constexpr std::size_t kMostCharacters = 2000;  // of a line in a log

// Whether a line on stderr can be drawn over.
bool isTerminal() {
  const char* kind = std::getenv("TERM");
  return isatty(STDERR_FILENO) == 1 && kind && *kind && std::string_view(kind) != "dumb";
}

std::size_t terminalColumns() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

// Stderr, shared by the lines of a log and one live line below them.
class Screen {
 public:
  void line(const std::string& text) {
    const std::lock_guard lock(mutex_);
    write(eraseOf(live_) + text + "\n" + fitted(live_));
  }

  void live(std::string text) {
    const std::lock_guard lock(mutex_);
    live_ = std::move(text);
    write("\r\x1b[K" + fitted(live_));
  }

  // A last line in place of the live one.
  void end(const std::string& text) {
    const std::lock_guard lock(mutex_);
    write(eraseOf(live_) + text + "\n");
    live_.clear();
  }

 private:
  static std::string eraseOf(const std::string& live) { return live.empty() ? "" : "\r\x1b[K"; }

  // A cursor in the last column would wrap in some terminals, and the line could not be drawn over any more.
  static std::string fitted(const std::string& live) { return cutToColumns(live, terminalColumns() - 1); }

  // What cannot be said is not worth an error.
  static void write(std::string_view text) {
    while (!text.empty()) {
      const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
      if (written < 0 && errno != EINTR) return;
      if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  std::mutex mutex_;
  std::string live_;
};

Screen& screen() {
  static Screen* const one = new Screen;  // outlives what is destroyed at exit and still speaks
  return *one;
}

std::string logged(std::string_view text) { return "polar: " + printable(text, kMostCharacters); }

}  // namespace

void logLine(std::string_view text) { screen().line(logged(text)); }

std::string duration(double value) {
  const long total = std::lround(value);
  std::ostringstream out;
  if (total >= 3600) out << total / 3600 << " h ";
  if (total >= 60) out << total / 60 % 60 << " m ";
  out << total % 60 << " s";
  return out.str();
}

Progress::Progress(std::string what, std::string unit, std::size_t total)
    : what_(std::move(what)), unit_(std::move(unit)), total_(total), terminal_(isTerminal()), start_(Clock::now()),
      shown_(start_) {}

Progress::~Progress() {
  if (done_ > 0) screen().end(logged(text(true)));
}

void Progress::advance(std::size_t count, const std::string& note) {
  const std::lock_guard lock(mutex_);
  done_ += count;
  if (done_ == 0) return;
  if (!note.empty()) note_ = note;
  if (seconds(Clock::now() - shown_) < (terminal_ ? 0.2 : 60.0)) return;
  shown_ = Clock::now();
  if (terminal_)
    screen().live(printable(text(false)));
  else
    logLine(text(false));
}

std::string Progress::text(bool last) const {
  const double elapsed = seconds(Clock::now() - start_);
  const double rate = elapsed > 0 ? static_cast<double>(done_) / elapsed : 0;
  std::ostringstream out;
  out.precision(3);
  out << what_ << ": " << done_;
  if (total_ > 0) out << "/" << total_;
  out << " " << unit_ << ", " << rate << "/s";
  if (last)
    out << ", took " << duration(elapsed);
  else if (total_ > done_ && rate > 0)
    out << ", ETA " << duration(static_cast<double>(total_ - done_) / rate);
  if (!note_.empty()) out << ", " << note_;
  return out.str();
}

}  // namespace polar
