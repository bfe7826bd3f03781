// Dataset readers: Polar's JSONL (datasets/README.md) and GSM8K's own JSONL.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "data/example.h"

namespace polar {

// All examples of a JSONL file, in its order. GSM8K's own records ({"question","answer"} with "#### 72" at the end of the
// answer) are recognised by the missing `id`; they get ids "<file stem>/<line>". limit 0 = all.
// Throws InputError naming file, line and field: not JSON, a duplicate key or id, a missing or empty question or answer,
// an empty file.
std::vector<Example> readExamples(const std::filesystem::path& file, std::size_t limit = 0);

// True for the fraction of questions whose stable hash falls below it: a split by question text, so that a duplicated
// question never stands on both sides.
bool inFraction(const Example& example, double fraction, std::uint64_t seed);

// Removes from `train` the examples whose normalised question also stands in `held` (a leak guard); returns their ids.
std::vector<std::string> removeLeaks(std::vector<Example>& train, const std::vector<Example>& held);

}  // namespace polar
