#include "support/progress.h"

#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <sstream>

namespace polar {
namespace {
using Clock = std::chrono::steady_clock;
double seconds(Clock::duration d) { return std::chrono::duration<double>(d).count(); }
}  // namespace

void logLine(const std::string& text) { std::fprintf(stderr, "polar: %s\n", text.c_str()); }

std::string duration(double value) {
  const long total = std::lround(value);
  std::ostringstream out;
  if (total >= 3600) out << total / 3600 << " h ";
  if (total >= 60) out << total / 60 % 60 << " m ";
  out << total % 60 << " s";
  return out.str();
}

Progress::Progress(std::string what, std::string unit, std::size_t total)
    : what_(std::move(what)), unit_(std::move(unit)), total_(total), terminal_(isatty(STDERR_FILENO) == 1),
      start_(Clock::now()), shown_(start_) {}

Progress::~Progress() { print(true); }

void Progress::advance(std::size_t count, const std::string& note) {
  const std::lock_guard lock(mutex_);
  done_ += count;
  if (!note.empty()) note_ = note;
  const double since = seconds(Clock::now() - shown_);
  if (since < (terminal_ ? 0.2 : 60.0)) return;
  shown_ = Clock::now();
  print(false);
}

void Progress::print(bool last) {
  if (last && done_ == 0) return;
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
  if (terminal_)
    std::fprintf(stderr, "\r\x1b[K%s%s", out.str().c_str(), last ? "\n" : "");
  else
    logLine(out.str());
}

}  // namespace polar
