// Programs as segments: contiguous layers with one op each (PoLar, Section 3.1: boundary mask and op labels).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "program/program.h"

namespace polar {

enum class SegmentOp : std::uint8_t { skip = 0, keep = 1, repeat = 2 };

struct Segment {
  int start = 0;
  int length = 1;  // layers start … start + length - 1
  SegmentOp op = SegmentOp::keep;
  int times = 1;  // 0 for skip, 1 for keep, 2 … for repeat

  auto operator<=>(const Segment&) const = default;
};

struct SegmentLimits {
  int maxLength = 4;  // Kmax
  int maxTimes = 4;   // PoLar's predictor writes 2 only; its search loops up to 4
};

// The program that segments spell. They must tile [0, depth) in order, each with the times of its op; otherwise a
// std::logic_error (a bug).
Program fromSegments(std::span<const Segment> segments, int depth);

// The canonical parse of a program: segments that spell it, by dynamic programming: fewest segments, then fewest skips,
// then most repeats, then larger segments earlier (PoLar's release). Empty where no segments within the limits spell it
// (a layer order that goes back further than a repeat, for instance).
std::optional<std::vector<Segment>> canonicalParse(const Program& program, int depth, const SegmentLimits& limits = {});

}  // namespace polar
