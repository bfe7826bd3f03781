// Named tensors of a checkpoint, whatever the file format. Knows nothing of torch: values come out as fp32.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace polar {

class WeightFile {
 public:
  virtual ~WeightFile() = default;

  virtual std::vector<std::string> names() const = 0;
  virtual bool has(const std::string& name) const = 0;
  // Row-major shape, outermost first (as HF and torch write it). InputError where the tensor is missing.
  virtual std::vector<std::int64_t> shape(const std::string& name) const = 0;
  // Storage type for people: "F32", "BF16", "Q4_1".
  virtual std::string type(const std::string& name) const = 0;
  // Converts (dequantises) all values into `out`, whose size must be the product of the shape.
  virtual void read(const std::string& name, std::span<float> out) const = 0;
  // SHA-256 over the weight bytes of all files, in name order of the files.
  virtual std::string sha256() const = 0;
};

// A .safetensors file, or a folder with model.safetensors or model.safetensors.index.json. Mapped.
std::unique_ptr<WeightFile> openSafetensors(const std::filesystem::path& path);

struct NamedTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::span<const float> values;
};

// Writes fp32 tensors as one safetensors file, atomically.
void writeSafetensors(const std::filesystem::path& file, std::span<const NamedTensor> tensors);

}  // namespace polar
