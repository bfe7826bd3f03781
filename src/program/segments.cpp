#include "program/segments.h"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace polar {
namespace {

// What the canonical parse minimises, in order; the tie of "larger segments earlier" is broken by trying larger lengths
// first and replacing only on a strict improvement.
struct Cost {
  int segments = 0, skips = 0, minusRepeats = 0;
  auto operator<=>(const Cost&) const = default;
};

class Parser {
 public:
  Parser(const Program& program, int depth, const SegmentLimits& limits)
      : layers_(program.layers()), depth_(depth), limits_(limits) {}

  std::optional<std::vector<Segment>> parse() {
    if (!best(0, 0)) return std::nullopt;
    std::vector<Segment> segments;
    for (std::pair<int, std::size_t> at{0, 0}; at.first < depth_;) {
      const Segment& segment = memo_.at(at)->first;
      segments.push_back(segment);
      at = {at.first + segment.length, at.second + static_cast<std::size_t>(segment.length * segment.times)};
    }
    return segments;
  }

 private:
  // The cheapest way to spell layers_[position…] by segments that start at `layer`.
  std::optional<Cost> best(int layer, std::size_t position) {
    if (layer == depth_) return position == layers_.size() ? std::optional(Cost{}) : std::nullopt;
    const auto key = std::make_pair(layer, position);
    if (const auto known = memo_.find(key); known != memo_.end())
      return known->second ? std::optional(known->second->second) : std::nullopt;
    std::optional<std::pair<Segment, Cost>> choice;
    for (int length = std::min(limits_.maxLength, depth_ - layer); length >= 1; --length)
      for (int times = 0; times <= limits_.maxTimes && spells(layer, length, times, position); ++times)
        consider(choice, layer, length, times, position);
    memo_[key] = choice;
    return choice ? std::optional(choice->second) : std::nullopt;
  }

  void consider(std::optional<std::pair<Segment, Cost>>& choice, int layer, int length, int times,
                std::size_t position) {
    const auto rest = best(layer + length, position + static_cast<std::size_t>(length * times));
    if (!rest) return;
    const SegmentOp op = times == 0 ? SegmentOp::skip : times == 1 ? SegmentOp::keep : SegmentOp::repeat;
    const Cost cost{rest->segments + 1, rest->skips + (op == SegmentOp::skip ? 1 : 0),
                    rest->minusRepeats - (op == SegmentOp::repeat ? 1 : 0)};
    if (!choice || cost < choice->second) choice = {Segment{layer, length, op, times}, cost};
  }

  // Whether layers_ continues at `position` with `times` passes over the segment. Called with rising `times`, so only
  // the last pass has to be looked at.
  bool spells(int layer, int length, int times, std::size_t position) const {
    if (times == 0) return true;
    const std::size_t from = position + static_cast<std::size_t>(length * (times - 1));
    if (from + static_cast<std::size_t>(length) > layers_.size()) return false;
    for (int i = 0; i < length; ++i)
      if (layers_[from + static_cast<std::size_t>(i)] != layer + i) return false;
    return true;
  }

  std::span<const LayerIndex> layers_;
  int depth_;
  SegmentLimits limits_;
  std::map<std::pair<int, std::size_t>, std::optional<std::pair<Segment, Cost>>> memo_;
};

}  // namespace

Program fromSegments(std::span<const Segment> segments, int depth) {
  std::vector<LayerIndex> layers;
  int next = 0;
  for (const Segment& segment : segments) {
    if (segment.start != next || segment.length < 1) throw std::logic_error("segments do not tile the layers");
    for (int pass = 0; pass < segment.times; ++pass)
      for (int i = 0; i < segment.length; ++i) layers.push_back(static_cast<LayerIndex>(segment.start + i));
    next += segment.length;
  }
  if (next != depth) throw std::logic_error("segments do not cover the depth");
  return Program(std::move(layers));
}

std::optional<std::vector<Segment>> canonicalParse(const Program& program, int depth, const SegmentLimits& limits) {
  return Parser(program, depth, limits).parse();
}

}  // namespace polar
