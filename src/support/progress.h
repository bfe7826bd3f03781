// Talk and progress, on stderr.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>

namespace polar {

// One line "polar: …" on stderr.
void logLine(const std::string& text);

// A counter with rate and ETA: one live line on a terminal, else one line a minute. Thread-safe.
class Progress {
 public:
  // what: "search"; unit: "evaluations"; total 0 = unknown.
  Progress(std::string what, std::string unit, std::size_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // note: shown behind the rate, e.g. "valid 41.2 %".
  void advance(std::size_t count, const std::string& note = "");

 private:
  void print(bool last);

  std::string what_, unit_, note_;
  std::size_t total_, done_ = 0;
  bool terminal_;
  std::chrono::steady_clock::time_point start_, shown_;
  std::mutex mutex_;
};

// "3 m 20 s".
std::string duration(double seconds);

}  // namespace polar
