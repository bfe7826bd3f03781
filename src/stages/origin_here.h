// What computes in this process, for records.
#pragma once

#include <string>

#include "support/origin.h"

namespace polar {

// This machine with the device, libtorch, and the command as given.
Origin originHere(const std::string& device);

// What of it decides the bits of a result: "AMD EPYC 9B45, AVX512, libtorch 2.13.0", and the GPU's name where
// `device` is not cpu. Not how many cores or how much memory: labels are the same bytes whatever the workers.
std::string arithmeticHere(const std::string& device);

}  // namespace polar
