// A trained network on disk: NAME.safetensors, and NAME.json that describes it and holds the weights' SHA-256, so that
// a half-written pair is recognised. Internal to train/.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>
#include <vector>

#include "support/error.h"
#include "weights/weight_file.h"

namespace polar {

using OrderedJson = nlohmann::ordered_json;
inline constexpr const char* kTrainAgain = "train again: polar train CONFIG";

// "[2, 3]".
std::string extentsText(const std::vector<std::int64_t>& shape);

// Writes both, each atomically, the JSON last. Tensors are fp32; "weights_sha256" is added to `description`.
void writeTrained(const std::filesystem::path& folder, const std::string& name,
                  const std::map<std::string, at::Tensor>& tensors, OrderedJson description);

class TrainedFiles {
 public:
  // InputError where one of the two is missing, the JSON is of another format, or they do not belong together.
  // `what`: "a trained predictor".
  TrainedFiles(const std::filesystem::path& folder, const std::string& name, const std::string& format,
               const std::string& what);

  const std::string& where() const { return where_; }  // the JSON's path
  const OrderedJson& description() const { return description_; }

  // A member that must be a number (a whole one where Number is an integer type), from -1e6 to 1e6.
  template <typename Number>
  Number number(const std::string& key) const {
    const auto found = description_.find(key);
    const bool fits = found != description_.end() && found->is_number() &&
                      (std::is_floating_point_v<Number> || found->is_number_integer()) &&
                      std::abs(found->template get<double>()) <= 1e6;
    if (!fits)
      throw InputError(where_ + ": " + key, found == description_.end() ? "nothing" : found->dump(), "a number",
                       kTrainAgain);
    return found->template get<Number>();
  }

  // InputError where the model has another depth; 0: any.
  void requireDepth(int depth, int expected) const;
  void requireTensor(const std::string& tensor, const std::vector<std::int64_t>& shape) const;
  // Fills `value` (fp32, contiguous), whose shape must be the stored one.
  void read(const std::string& tensor, at::Tensor value) const;

 private:
  std::string where_, weightsWhere_, what_;
  OrderedJson description_;
  std::unique_ptr<WeightFile> weights_;
};

}  // namespace polar
