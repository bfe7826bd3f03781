// Talk and progress, on stderr.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

namespace polar {

// One line "polar: …" on stderr, made fit to print. A live line is taken away for it and drawn again below.
void logLine(std::string_view text);

// A counter with rate and ETA: one live line on a terminal, cut to its width, else one line a minute. Thread-safe.
class Progress {
 public:
  // what: "search"; unit: "evaluations"; total 0 = unknown.
  Progress(std::string what, std::string unit, std::size_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // note: shown after the rate, e.g. "valid 41.2 %".
  void advance(std::size_t count, const std::string& note = "");

 private:
  std::string text(bool last) const;

  std::string what_, unit_, note_;
  std::size_t total_, done_ = 0;
  bool terminal_;
  std::chrono::steady_clock::time_point start_, shown_;
  std::mutex mutex_;
};

// "3 m 20 s".
std::string duration(double seconds);

}  // namespace polar
