#include "train/torch_seed.h"

#include <ATen/ATen.h>

namespace polar {
namespace {

std::mutex& generatorMutex() {
  static std::mutex mutex;
  return mutex;
}

}  // namespace

TorchSeed::TorchSeed(std::uint64_t seed)
    : lock_(generatorMutex()), generator_(at::globalContext().defaultGenerator(at::kCPU)) {
  const std::lock_guard inner(generator_.mutex());
  before_ = generator_.get_state();
  generator_.set_current_seed(seed);
}

TorchSeed::~TorchSeed() {
  const std::lock_guard inner(generator_.mutex());
  generator_.set_state(before_);
}

}  // namespace polar
