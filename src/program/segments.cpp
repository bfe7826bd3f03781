#include "program/segments.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace polar {
namespace {

SegmentOp opOf(int times) { return times == 0 ? SegmentOp::skip : times == 1 ? SegmentOp::keep : SegmentOp::repeat; }

// What the canonical parse minimises, in order.
struct Cost {
  int segments = 0, skips = 0, minusRepeats = 0;
  auto operator<=>(const Cost&) const = default;
};

struct Choice {
  Segment segment;
  Cost cost;  // of this segment and all after it
};

// Segments tile the layers in order, so every visit to a layer below l comes before every visit to l and above: how
// often a layer occurs fixes both where in the program its segment starts and how many passes it makes. What is left to
// choose is the lengths, from the back.
class Parser {
 public:
  Parser(const Program& program, int depth, const SegmentLimits& limits)
      : layers_(program.layers()), depth_(depth), limits_(limits), best_(index(depth)), begin_(index(depth) + 1) {}

  std::optional<std::vector<Segment>> parse() {
    for (const LayerIndex layer : layers_) {
      if (layer >= depth_) return std::nullopt;
      ++begin_[index(layer) + 1];
    }
    std::partial_sum(begin_.begin(), begin_.end(), begin_.begin());
    for (int start = depth_ - 1; start >= 0; --start) choose(start);
    std::vector<Segment> segments;
    for (int next = 0; next < depth_; next += segments.back().length) {
      if (!best_[index(next)]) return std::nullopt;
      segments.push_back(best_[index(next)]->segment);
    }
    return segments;
  }

 private:
  static std::size_t index(int layer) { return static_cast<std::size_t>(layer); }
  int passes(int layer) const { return static_cast<int>(begin_[index(layer) + 1] - begin_[index(layer)]); }

  void choose(int start) {
    const int times = passes(start);
    if (times > limits_.maxTimes) return;
    const SegmentOp op = opOf(times);
    auto& best = best_[index(start)];
    const int longest = std::min(limits_.maxLength, depth_ - start);
    for (int length = 1; length <= longest && passes(start + length - 1) == times; ++length) {
      const bool last = start + length == depth_;
      if (!spells(start, length, times) || (!last && !best_[index(start + length)])) continue;
      Cost cost = last ? Cost{} : best_[index(start + length)]->cost;
      ++cost.segments;
      cost.skips += op == SegmentOp::skip;
      cost.minusRepeats -= op == SegmentOp::repeat;
      if (!best || cost <= best->cost) best = Choice{{start, length, op, times}, cost};  // on a tie the longer one
    }
  }

  bool spells(int start, int length, int times) const {
    std::size_t position = begin_[index(start)];
    for (int pass = 0; pass < times; ++pass)
      for (int i = 0; i < length; ++i)
        if (layers_[position++] != start + i) return false;
    return true;
  }

  std::span<const LayerIndex> layers_;
  int depth_;
  SegmentLimits limits_;
  std::vector<std::optional<Choice>> best_;  // [depth]: the canonical parse of layer l and above
  std::vector<std::size_t> begin_;           // [depth + 1]: position in the program of the first visit to layer l
};

}  // namespace

Program fromSegments(std::span<const Segment> segments, int depth) {
  std::vector<LayerIndex> layers;
  int next = 0;
  for (const Segment& segment : segments) {
    if (segment.start != next || segment.length < 1) throw std::logic_error("segments do not tile the layers");
    if (segment.op != opOf(segment.times)) throw std::logic_error("a segment's op and times say different things");
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
