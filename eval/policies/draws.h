// Drawn answers of one program.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "eval/policy.h"

namespace polar {

// `count` runs of `program` at `temperature`, their seeds by `stream` and the
// question's text, not by its place: the same draws whatever else is asked.
std::vector<Choice> drawnChoices(const Program& program, double temperature, int count, std::uint64_t seed,
                                 const std::string& stream, const Example& example);

}  // namespace polar
