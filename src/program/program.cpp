#include "program/program.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <set>

#include "support/error.h"

namespace polar {
namespace {

[[noreturn]] void refuse(std::string_view text, const std::string& found, int depth) {
  const std::string last = std::to_string(depth - 1);
  const std::string sample = depth > 6 ? "0-3,2-3,5-" + last : "0-" + last;
  throw InputError("program '" + std::string(text) + "'", found,
                   "ascending runs of layers 0 to " + last + ", such as " + sample);
}

// One layer number at the front of `rest`, which is moved past it.
LayerIndex takeLayer(std::string_view& rest, std::string_view text, int depth) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (error != std::errc{})
    refuse(text, rest.empty() ? "its end" : "'" + std::string(rest) + "' where a layer number belongs", depth);
  if (value >= static_cast<unsigned>(depth)) refuse(text, "layer " + std::to_string(value), depth);
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  return static_cast<LayerIndex>(value);
}

}  // namespace

Program Program::standard(int depth) {
  std::vector<LayerIndex> layers(static_cast<std::size_t>(depth));
  std::iota(layers.begin(), layers.end(), LayerIndex{0});
  return Program(std::move(layers));
}

Program Program::parse(std::string_view text, int depth) {
  std::vector<LayerIndex> layers;
  std::string_view rest = text;
  while (!rest.empty()) {
    const LayerIndex first = takeLayer(rest, text, depth);
    LayerIndex last = first;
    if (rest.starts_with('-')) {
      rest.remove_prefix(1);
      last = takeLayer(rest, text, depth);
      if (last < first) refuse(text, "the descending run " + std::to_string(first) + "-" + std::to_string(last), depth);
    }
    for (int layer = first; layer <= last; ++layer) layers.push_back(static_cast<LayerIndex>(layer));
    if (rest.empty()) break;
    if (!rest.starts_with(',')) refuse(text, "'" + std::string(rest) + "' where ',' belongs", depth);
    rest.remove_prefix(1);
    if (rest.empty()) refuse(text, "a ',' at its end", depth);
  }
  return Program(std::move(layers));
}

std::string Program::text() const {
  std::string text;
  for (std::size_t i = 0; i < layers_.size();) {
    std::size_t end = i + 1;
    while (end < layers_.size() && layers_[end] == layers_[end - 1] + 1) ++end;
    if (!text.empty()) text += ',';
    text += std::to_string(layers_[i]);
    if (end - i > 1) text += '-' + std::to_string(layers_[end - 1]);
    i = end;
  }
  return text;
}

int Program::unique() const { return static_cast<int>(std::set<LayerIndex>(layers_.begin(), layers_.end()).size()); }

int distinctLayers(std::vector<Program> programs) {
  // In the order of their layers, what a program shares with any before it, it shares with the last.
  std::ranges::sort(programs);
  std::size_t layers = 0;
  std::span<const LayerIndex> before;
  for (const Program& program : programs) {
    const std::span<const LayerIndex> own = program.layers();
    layers += static_cast<std::size_t>(own.end() - std::ranges::mismatch(own, before).in1);
    before = own;
  }
  return static_cast<int>(layers);
}

}  // namespace polar

std::size_t std::hash<polar::Program>::operator()(const polar::Program& program) const noexcept {
  std::size_t value = 1469598103934665603u;  // FNV-1a
  for (const polar::LayerIndex layer : program.layers()) value = (value ^ layer) * 1099511628211u;
  return value;
}
