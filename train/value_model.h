// The value model: P(right | question, program) for the programs of a menu, by small networks.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "program/program.h"
#include "train/menu_model.h"

namespace polar {

struct ValueShape {
  int depth = 0;       // D of the LLM
  int inputWidth = 0;  // of the question features
  int programs = 0;    // K, the menu's length
  int width = 256;     // of the hidden layers
  int members = 1;     // networks whose probabilities are averaged
  double dropout = 0.3;
};

struct ValueNetwork;

// Thread-safe for asking; training mutates it.
class ValueModel final : public MenuModel {
 public:
  // Fresh weights, a pure function of (shape, seed). menu: the standard program first, K in all.
  ValueModel(const ValueShape& shape, std::vector<Program> menu, std::uint64_t seed);
  ~ValueModel() override;

  // value.safetensors and value.json of a train folder, as ProgramPredictor::load reads its two.
  static std::unique_ptr<ValueModel> load(const std::filesystem::path& folder, int expectedDepth = 0);
  void save(const std::filesystem::path& folder, const std::string& extra) const;

  const ValueShape& shape() const { return shape_; }
  int inputWidth() const override { return shape_.inputWidth; }
  std::int64_t parameters() const;

  at::Tensor probabilities(const at::Tensor& features) const override;

  ValueNetwork& member(int index) const { return *members_[static_cast<std::size_t>(index)]; }
  const at::Tensor& edits() const { return edits_; }  // [K, depth + 2]

 private:
  ValueModel(const ValueShape& shape, MenuChoice ofMenu, std::uint64_t seed);

  ValueShape shape_;
  at::Tensor edits_;
  std::vector<std::unique_ptr<ValueNetwork>> members_;
};

}  // namespace polar
