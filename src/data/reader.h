// Dataset readers: Polar's JSONL (datasets/README.md) and GSM8K's own JSONL.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "data/example.h"

namespace polar {

// All examples of a JSONL file, in its order. GSM8K's own records ({"question","answer"} with "#### 72" at the end of
// the answer) are recognised by the missing `id`; they get ids "<file stem>/<line>". Unknown fields are ignored, blank
// lines skipped. limit 0 = all; lines after the limit are not looked at. Throws InputError naming file, line and
// field: not JSON, a duplicate key or id, a field of a wrong type, a missing or empty question or answer, an answer
// that is none of the options, an empty file.
std::vector<Example> readExamples(const std::filesystem::path& file, std::size_t limit = 0);

// The question as leak guard and splits see it: ASCII letters in lower case, runs of blanks as one space, none at the
// ends.
std::string normalisedQuestion(std::string_view question);

// True for the fraction of questions whose stable hash falls below it: a split by normalised question, so that a
// duplicated question is never on both sides. For one seed, a larger fraction holds every question of a smaller
// one.
bool inFraction(const Example& example, double fraction, std::uint64_t seed);

}  // namespace polar
