// GGUF v2/v3 files: metadata and (quantised) tensors. Layout: ggml's docs/gguf.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "support/mapped_file.h"
#include "weights/weight_file.h"

namespace polar {

// All integer types widen to int64, floats to double.
using GgufValue = std::variant<std::int64_t, double, bool, std::string, std::vector<std::int64_t>, std::vector<double>,
                               std::vector<std::string>>;

class GgufFile final : public WeightFile {
 public:
  // Maps and checks the whole header; every length is checked against the remaining bytes before it is used.
  // Throws InputError naming the file and the key or tensor.
  explicit GgufFile(const std::filesystem::path& file);

  const std::filesystem::path& path() const { return path_; }
  bool hasKey(const std::string& key) const { return metadata_.contains(key); }
  // Metadata by key. The plain forms throw InputError where the key is missing or has another type.
  std::int64_t integer(const std::string& key) const;
  double number(const std::string& key) const;  // also accepts an integer
  bool flag(const std::string& key) const;
  const std::string& text(const std::string& key) const;
  const std::vector<std::string>& texts(const std::string& key) const;
  const std::vector<std::int64_t>& integers(const std::string& key) const;

  std::vector<std::string> names() const override;
  bool has(const std::string& name) const override;
  std::vector<std::int64_t> shape(const std::string& name) const override;
  std::string type(const std::string& name) const override;
  void read(const std::string& name, std::span<float> out) const override;
  std::string sha256() const override;

 private:
  struct Tensor {
    std::vector<std::int64_t> shape;
    std::uint32_t type = 0;
    std::span<const std::byte> bytes;
  };
  template <typename T>
  const T& value(const std::string& key, const char* kind) const;
  const Tensor& tensor(const std::string& name) const;
  void parse();

  std::filesystem::path path_;
  MappedFile map_;
  std::map<std::string, GgufValue> metadata_;
  std::map<std::string, Tensor> tensors_;
};

}  // namespace polar
