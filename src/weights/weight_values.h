// Values that no trained weights have.
#pragma once

#include <span>
#include <string>

#include "weights/weight_file.h"

namespace polar {

// Reads a tensor of a file called `where`. InputError on NaN and infinity, and on values
// stored as BF16 that look like F16 values read by mistake. What else is wrong but finite
// looks like weights: BF16 read as F16 gives plain numbers between 0.5 and 2.
void readWeights(const WeightFile& file, const std::string& name, std::span<float> out, const std::string& where);

}  // namespace polar
