// What trainings share: one ATen thread, being stopped, refusing a loss that is not finite.
#pragma once

#include <ATen/Parallel.h>

#include <cmath>
#include <functional>
#include <string>

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

inline void requireFinite(double loss, int epoch, const std::string& rateKey) {
  if (!std::isfinite(loss))
    throw InputError("train", "a loss that is not finite in epoch " + std::to_string(epoch), "a finite loss",
                     "lower " + rateKey);
}

}  // namespace polar
