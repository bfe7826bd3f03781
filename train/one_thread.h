// What all trainings share: they run on one ATen thread, and they stop when they are asked to.
#pragma once

#include <ATen/Parallel.h>

#include <functional>

#include "support/error.h"

namespace polar {

// Sums of floats must not depend on how many threads share them.
class OneThread {
 public:
  OneThread() : before_(at::get_num_threads()) { at::set_num_threads(1); }
  ~OneThread() { at::set_num_threads(before_); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

inline void requireGoingOn(const std::function<bool()>& stop) {
  if (stop && stop()) throw Stopped("training stopped; the same command starts it anew");
}

}  // namespace polar
