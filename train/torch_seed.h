// Initial weights that follow from a seed. Internal: it brings ATen's generators.
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <mutex>

namespace polar {

// Torch draws initial weights from one generator of the whole process. While this object lives, that generator belongs
// to this thread alone and runs from `seed`; then it continues where it was.
class TorchSeed {
 public:
  explicit TorchSeed(std::uint64_t seed);
  ~TorchSeed();
  TorchSeed(const TorchSeed&) = delete;
  TorchSeed& operator=(const TorchSeed&) = delete;

 private:
  std::unique_lock<std::mutex> lock_;
  at::Generator generator_;
  at::Tensor before_;
};

}  // namespace polar
