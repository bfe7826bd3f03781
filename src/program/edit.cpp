#include "program/edit.h"

#include <algorithm>

namespace polar {

std::vector<Segment> singleEdits(const EditSpace& space) {
  std::vector<Segment> edits;
  for (int start = 0; start < space.depth; ++start)
    for (int length = 1; length <= std::min(space.maxLength, space.depth - start); ++length) {
      if (space.skips) edits.push_back({start, length, SegmentOp::skip, 0});
      if (space.repeats)
        for (int times = 2; times <= space.maxTimes; ++times)
          edits.push_back({start, length, SegmentOp::repeat, times});
    }
  return edits;
}

bool overlaps(const Segment& a, const Segment& b) {
  return a.start < b.start + b.length && b.start < a.start + a.length;
}

Program applyEdits(std::span<const Segment> edits, int depth) {
  std::vector<Segment> sorted(edits.begin(), edits.end());
  std::sort(sorted.begin(), sorted.end());
  std::vector<Segment> segments;
  int next = 0;
  const auto keepUntil = [&](int end) {
    for (; next < end; ++next) segments.push_back({next, 1, SegmentOp::keep, 1});
  };
  for (const Segment& edit : sorted) {
    keepUntil(edit.start);
    segments.push_back(edit);
    next += edit.length;
  }
  keepUntil(depth);
  return fromSegments(segments, depth);
}

std::optional<std::vector<Segment>> editsOf(const Program& program, const EditSpace& space) {
  auto segments = canonicalParse(program, space.depth, {space.maxLength, space.maxTimes});
  if (!segments) return std::nullopt;
  std::erase_if(*segments, [](const Segment& segment) { return segment.op == SegmentOp::keep; });
  return segments;
}

ProgramKind kindOf(const Program& program, int depth) {
  // Limits so wide that every loop is seen as one, whatever the search was allowed.
  const auto segments = canonicalParse(program, depth, {depth, program.executed()});
  if (!segments) return ProgramKind::other;
  bool skip = false, loop = false;
  for (const Segment& segment : *segments) {
    skip |= segment.op == SegmentOp::skip;
    loop |= segment.op == SegmentOp::repeat;
  }
  if (skip && loop) return ProgramKind::both;
  return skip ? ProgramKind::skipOnly : loop ? ProgramKind::loopOnly : ProgramKind::standard;
}

}  // namespace polar
