// The machine in words.
#pragma once

#include <string>

namespace polar {

// "AMD EPYC 9B45", from /proc/cpuinfo.
std::string processorName();
// "NVIDIA H100 80GB HBM3", the CUDA driver's name of the GPU that `device`,
// cuda or cuda:N, is in this process; "unknown GPU" where there is none.
std::string gpuName(const std::string& device);
// Processor, cores and memory: "AMD EPYC 9B45, 2 cores, 24 GiB"; and the GPU where `device` is not cpu.
std::string machineInWords(const std::string& device = "cpu");

}  // namespace polar
