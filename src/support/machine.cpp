#include "support/machine.h"

#include <sys/sysinfo.h>

#include <fstream>
#include <thread>

namespace polar {

std::string processorName() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.rfind("model name", 0) == 0) return line.substr(line.find(':') + 2);
  return "unknown processor";
}

std::string machineInWords() {
  struct sysinfo memory {};
  ::sysinfo(&memory);
  const double gib = static_cast<double>(memory.totalram) * memory.mem_unit / (1u << 30);
  return processorName() + ", " + std::to_string(std::thread::hardware_concurrency()) + " cores, " +
         std::to_string(static_cast<int>(gib + 0.5)) + " GiB";
}

}  // namespace polar
