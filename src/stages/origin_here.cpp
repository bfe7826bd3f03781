#include "stages/origin_here.h"

#include <ATen/Version.h>
#include <torch/version.h>

#include "support/command_line.h"
#include "support/machine.h"

namespace polar {

Origin originHere(const std::string& device) { return {machineInWords(device), TORCH_VERSION, commandLine()}; }

std::string arithmeticHere(const std::string& device) {
  const std::string computes =
      device == "cpu" ? processorName() + ", " + at::get_cpu_capability() : processorName() + ", " + gpuName(device);
  return computes + ", libtorch " + TORCH_VERSION;
}

}  // namespace polar
