// Options that take a whole number.
#pragma once

#include <cstdint>

namespace CLI {
class Validator;
}

namespace polar {

constexpr std::int64_t kMostAsked = 1'000'000'000;  // questions, labels, programs

// For CLI::Option::check: decimal digits and nothing else, from `least` to `most`. CLI11 itself reads
// 99999999999999999999 as 2^63 - 1 and 010 as 8.
CLI::Validator wholeNumber(std::int64_t least, std::int64_t most = kMostAsked);

}  // namespace polar
