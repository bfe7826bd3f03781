#include "program/segments.h"

#include <functional>
#include <map>
#include <tuple>

#include "catch.h"

namespace polar {
namespace {

using Segments = std::vector<Segment>;

Segment segment(int start, int length, int times) {
  const SegmentOp op = times == 0 ? SegmentOp::skip : times == 1 ? SegmentOp::keep : SegmentOp::repeat;
  return {start, length, op, times};
}

// Every way to tile `depth` layers within the limits.
void forEachSegmentation(int depth, const SegmentLimits& limits, const std::function<void(const Segments&)>& visit) {
  Segments segments;
  const std::function<void(int)> extend = [&](int next) {
    if (next == depth) return visit(segments);
    for (int length = 1; length <= limits.maxLength && next + length <= depth; ++length)
      for (int times = 0; times <= limits.maxTimes; ++times) {
        segments.push_back(segment(next, length, times));
        extend(next + length);
        segments.pop_back();
      }
  };
  extend(0);
}

// The documented order, written down a second time: the smallest is the canonical parse.
auto rank(const Segments& segments) {
  int skips = 0, repeats = 0;
  std::vector<int> minusLengths;  // larger segments earlier
  for (const Segment& each : segments) {
    skips += each.op == SegmentOp::skip;
    repeats += each.op == SegmentOp::repeat;
    minusLengths.push_back(-each.length);
  }
  return std::make_tuple(segments.size(), skips, -repeats, minusLengths);
}

std::map<Program, Segments> bestSegmentations(int depth, const SegmentLimits& limits) {
  std::map<Program, Segments> best;
  forEachSegmentation(depth, limits, [&](const Segments& segments) {
    const auto [at, fresh] = best.emplace(fromSegments(segments, depth), segments);
    if (!fresh && rank(segments) < rank(at->second)) at->second = segments;
  });
  return best;
}

}  // namespace

TEST_CASE("the canonical parse is the best of all segmentations") {
  const std::vector<SegmentLimits> allLimits = {{4, 4}, {4, 2}, {2, 3}, {1, 1}, {3, 4}, {6, 3}};
  for (const SegmentLimits& limits : allLimits)
    for (int depth = 1; depth <= 6; ++depth)
      for (const auto& [program, segments] : bestSegmentations(depth, limits)) {
        const auto parsed = canonicalParse(program, depth, limits);
        if (!parsed || *parsed != segments)
          FAIL("depth " << depth << ", limits " << limits.maxLength << " x" << limits.maxTimes << ", program "
                        << program.text());
      }
  CHECK(bestSegmentations(6, {4, 4}).size() > 15000);
}

TEST_CASE("a program that no segmentation spells has no parse") {
  const auto spelled = bestSegmentations(4, {4, 4});
  int without = 0;
  std::vector<LayerIndex> layers;
  const std::function<void()> extend = [&] {
    const Program program(layers);
    const auto parsed = canonicalParse(program, 4);
    if (parsed.has_value() != spelled.contains(program)) FAIL("program " << program.text());
    if (parsed)
      CHECK(fromSegments(*parsed, 4) == program);
    else
      ++without;
    if (layers.size() == 5) return;
    for (LayerIndex layer = 0; layer < 5; ++layer) {  // 4 lies outside the depth
      layers.push_back(layer);
      extend();
      layers.pop_back();
    }
  };
  extend();
  CHECK(without > 3000);
}

TEST_CASE("ties are broken as documented") {
  const auto parse = [](const char* text, int depth) { return *canonicalParse(Program::parse(text, depth), depth); };
  // Six kept layers: two segments, the larger first.
  CHECK(parse("0-5", 6) == Segments{segment(0, 4, 1), segment(4, 2, 1)});
  // 0,0,1,1 needs two repeats; 0-1,0-1 is one.
  CHECK(parse("0,0,1,1", 2) == Segments{segment(0, 1, 2), segment(1, 1, 2)});
  CHECK(parse("0-1,0-1", 2) == Segments{segment(0, 2, 2)});
  CHECK(parse("0-3,2-3,5", 6) == Segments{segment(0, 2, 1), segment(2, 2, 2), segment(4, 1, 0), segment(5, 1, 1)});
  // The design's example: layers 8 skipped, 4-7 twice.
  CHECK(parse("0-7,4-7,9-11", 12) == Segments{segment(0, 4, 1), segment(4, 4, 2), segment(8, 1, 0), segment(9, 3, 1)});
  CHECK(parse("", 5) == Segments{segment(0, 4, 0), segment(4, 1, 0)});
}

TEST_CASE("the limits hold") {
  CHECK_FALSE(canonicalParse(Program::parse("0-4,0-4", 5), 5, {4, 4}));  // a loop over five layers
  CHECK(canonicalParse(Program::parse("0-4,0-4", 5), 5, {5, 4}));
  CHECK_FALSE(canonicalParse(Program::parse("0,0,0,1", 2), 2, {4, 2}));  // three passes
  CHECK(canonicalParse(Program::parse("0,0,0,1", 2), 2, {4, 3}));
}

TEST_CASE("segments that do not tile the layers are a bug") {
  CHECK_THROWS_AS(fromSegments(Segments{segment(1, 1, 1)}, 2), std::logic_error);
  CHECK_THROWS_AS(fromSegments(Segments{segment(0, 1, 1)}, 2), std::logic_error);
  CHECK_THROWS_AS(fromSegments(Segments{segment(0, 3, 1)}, 2), std::logic_error);
  CHECK_THROWS_AS(fromSegments(Segments{segment(0, 2, 1), segment(1, 1, 1)}, 2), std::logic_error);
  CHECK_THROWS_AS(fromSegments(Segments{segment(0, 0, 1), segment(0, 1, 1)}, 1), std::logic_error);
  CHECK_THROWS_AS(fromSegments(Segments{{0, 1, SegmentOp::skip, 1}}, 1), std::logic_error);
  CHECK_THROWS_AS(fromSegments(Segments{{0, 1, SegmentOp::repeat, 1}}, 1), std::logic_error);
}

}  // namespace polar
