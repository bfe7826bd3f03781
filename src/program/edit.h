// Edits: one skip or repeat of a segment placed on the standard program. A program of the search space is a set of
// non-overlapping edits, in any order of placement.
#pragma once

#include <span>
#include <vector>

#include "program/program.h"
#include "program/segments.h"

namespace polar {

// What a search may write.
struct EditSpace {
  int depth = 0;
  int maxLength = 4;    // layers in one edit's segment
  int maxTimes = 4;     // passes of a repeated segment
  bool skips = true;    // false: loop-only
  bool repeats = true;  // false: skip-only
};

// An edit is a Segment whose op is skip or repeat. Every single edit of the space, ordered by start, then length, then
// times (skip first): the documented order of `enumerate`.
std::vector<Segment> singleEdits(const EditSpace& space);

// Whether two edits touch a common layer.
bool overlaps(const Segment& a, const Segment& b);

// The program that the edits make of the standard program. Order does not matter; they must not overlap.
Program applyEdits(std::span<const Segment> edits, int depth);

// The edits of a program: its canonical parse without the keeps. Empty optional where it has no parse within the
// limits.
std::optional<std::vector<Segment>> editsOf(const Program& program, const EditSpace& space);

// "skip", "loop", "both" or "standard": which kinds of edit a program's canonical parse holds; "other" without a parse.
enum class ProgramKind { standard, skipOnly, loopOnly, both, other };
ProgramKind kindOf(const Program& program, int depth);

}  // namespace polar
