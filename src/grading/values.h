// The numbers of expressions: enclosures in complex balls (Arb), which prove two values different, and exact numbers
// (Calcium), which prove them equal.
#pragma once

#include <cstdint>

#include "grading/expression.h"

namespace polar {

enum class Equality { equal, different, unknown };

// Compares two expressions of numbers and symbols. Where there are symbols (other than pi, e, i), both sides
// are enclosed at three fixed pseudo-random points in 256 bits: one point that separates them proves them
// different; agreement to 100 bits at all three is taken as identity. Symbols are positive reals there.
// Without symbols, equality is proved. `scaleLeft`, `scaleRight`: factors on the sides. unknown: beyond the
// bounds on digits, exponents and roots, a division by zero, or undecided by Calcium.
Equality compareValues(const Expression& left, const Expression& right, int scaleLeft = 1, int scaleRight = 1);

// True where left = k * right for one positive constant k (any constant but 0 where `anySign`), at the same points: the
// comparison of equations and inequalities, whose sides are brought to "… = 0".
Equality compareUpToScale(const Expression& left, const Expression& right, bool anySign);

// A symbol whose value is fixed: pi, e and i.
bool isConstantName(const std::string& name);

}  // namespace polar
