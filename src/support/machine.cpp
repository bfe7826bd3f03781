#include "support/machine.h"

#include <dlfcn.h>
#include <sys/sysinfo.h>

#include <charconv>
#include <cmath>
#include <fstream>
#include <thread>

namespace polar {

std::string processorName() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.rfind("model name", 0) == 0) return line.substr(line.find(':') + 2);
  return "unknown processor";
}

// The driver is asked for at run time, by its stable C interface: a build without CUDA's headers has a name for it too.
std::string gpuName(const std::string& device) {
  using Init = int(unsigned);
  using Get = int(int*, int);
  using Name = int(char*, int, int);
  void* const driver = ::dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);  // for the rest of the process
  const auto function = [&](const char* name) { return driver ? ::dlsym(driver, name) : nullptr; };
  const auto init = reinterpret_cast<Init*>(function("cuInit"));
  const auto get = reinterpret_cast<Get*>(function("cuDeviceGet"));
  const auto nameOf = reinterpret_cast<Name*>(function("cuDeviceGetName"));
  const auto colon = device.find(':');
  int index = 0;
  if (colon != std::string::npos) std::from_chars(device.data() + colon + 1, device.data() + device.size(), index);
  int gpu = 0;
  char name[256] = "";
  if (init && get && nameOf && init(0) == 0 && get(&gpu, index) == 0 && nameOf(name, sizeof name, gpu) == 0)
    return name;
  return "unknown GPU";
}

std::string machineInWords(const std::string& device) {
  struct sysinfo memory{};
  ::sysinfo(&memory);
  const double gib = static_cast<double>(memory.totalram) * memory.mem_unit / (1u << 30);
  return processorName() + ", " + std::to_string(std::thread::hardware_concurrency()) + " cores, " +
         std::to_string(std::lround(gib)) + " GiB" + (device == "cpu" ? "" : ", " + gpuName(device));
}

}  // namespace polar
