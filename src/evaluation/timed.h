// Seconds spent in an executor or an evaluator, over all threads: what a search costs beside them is bookkeeping.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>

#include "evaluation/evaluator.h"
#include "llm/executor.h"

namespace polar {

// Adds up the lifetimes of its laps; thread-safe.
class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::nanoseconds(nanoseconds_.load())).count();
  }

  class Lap {
   public:
    explicit Lap(Stopwatch& watch) : watch_(watch), start_(std::chrono::steady_clock::now()) {}
    ~Lap() { watch_.nanoseconds_ += std::chrono::nanoseconds(std::chrono::steady_clock::now() - start_).count(); }
    Lap(const Lap&) = delete;
    Lap& operator=(const Lap&) = delete;

   private:
    Stopwatch& watch_;
    std::chrono::steady_clock::time_point start_;
  };

 private:
  std::atomic<std::int64_t> nanoseconds_ = 0;
};

// The same executor, timed.
std::unique_ptr<ProgramExecutor> timedExecutor(std::unique_ptr<ProgramExecutor> executor,
                                               std::shared_ptr<Stopwatch> watch);

}  // namespace polar
