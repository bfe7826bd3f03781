// Values that no trained weights have.
#pragma once

#include <span>
#include <string>

namespace polar {

// InputError naming `where` ("m.gguf: tensor NAME") on NaN and infinity, and on values stored as `type` BF16 that look like
// F16 values read by mistake. What else is wrong but finite cannot be told from weights: BF16 read as F16 gives plain
// numbers between 0.5 and 2.
void requireWeights(std::span<const float> values, const std::string& type, const std::string& where);

}  // namespace polar
