// The machine in words.
#pragma once

#include <string>

namespace polar {

// "AMD EPYC 9B45", from /proc/cpuinfo.
std::string processorName();
// Processor, cores and memory: "AMD EPYC 9B45, 2 cores, 24 GiB".
std::string machineInWords();

}  // namespace polar
