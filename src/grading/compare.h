// Equivalence of two parsed answers.
#pragma once

#include <string>

#include "grading/expression.h"
#include "grading/grader.h"

namespace polar {

struct Comparison {
  Verdict verdict = Verdict::undecided;
  std::string rule;  // "integer", "rational", "exact", "symbolic", "list", "tuple", "matrix", "union", "ratio", …
};

// Symmetric but for percent signs and unit letters, which the reference decides: 0.5 equals a reference of 50 %, but
// 50 % does not equal a reference of 0.5; "5 m" equals a reference of 5, but 5 does not equal a reference of 5m.
// Lists, sets and unions are compared in any order, ± means both signs, "x = 4" equals 4.
Comparison compareAnswers(const Expression& answer, const Expression& reference);

}  // namespace polar
