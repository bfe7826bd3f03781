// Seeded random numbers that are the same on every platform and standard library.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

namespace polar {

// SplitMix64 (Steele, Lea, Flood 2014). std::*_distribution differs between standard libraries, so ranges are drawn
// here. Copyable; a copy continues the same stream.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  // An independent stream for one thing under a run's seed, e.g. Random(seed, example.id).
  Random(std::uint64_t seed, std::string_view name);

  std::uint64_t next();
  // Uniform in [0, bound), bound > 0, without modulo bias.
  std::uint64_t below(std::uint64_t bound);
  // Uniform in [0, 1).
  double uniform();

  template <typename Sequence>
  void shuffle(Sequence& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }

 private:
  std::uint64_t state_;
};

}  // namespace polar
