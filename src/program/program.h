// A program: the layer indices to execute for one input, in order (PoLar, Section 3.1). Knows nothing of models.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace polar {

using LayerIndex = std::uint16_t;

// A value type. May be of any length, also empty (no layer: embedding straight to the output norm).
class Program {
 public:
  Program() = default;
  explicit Program(std::vector<LayerIndex> layers) : layers_(std::move(layers)) {}

  // 0, 1, …, depth-1: the paper's "base".
  static Program standard(int depth);

  // Text form, a grammar with an example:
  //   program := "" | run ("," run)*      run := layer | layer "-" layer   (ascending, both ends included)
  //   "0-7,4-7,9-29": layers 0…7, then 4…7 again, then 9…29.
  // Throws InputError on anything else and on a layer outside [0, depth).
  static Program parse(std::string_view text, int depth);

  // The text form with the longest possible runs: parse(text()) == *this.
  std::string text() const;

  std::span<const LayerIndex> layers() const { return layers_; }
  // Executed layers: the length. Unique layers: distinct indices in it.
  int executed() const { return static_cast<int>(layers_.size()); }
  int unique() const;

  auto operator<=>(const Program&) const = default;

 private:
  std::vector<LayerIndex> layers_;
};

// Layers that these programs execute together where those that begin alike share what they begin with: the nodes of
// their trie. An equal program adds none.
int distinctLayers(std::vector<Program> programs);

}  // namespace polar

template <>
struct std::hash<polar::Program> {
  std::size_t operator()(const polar::Program& program) const noexcept;
};
