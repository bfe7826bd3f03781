// The value of an expression in a field: BallField or ExactField.
#pragma once

#include "grading/expression.h"
#include "grading/literal.h"

namespace polar {

// False where the expression has no value there: not a number, or beyond the field's bounds.
template <typename Field>
bool evaluate(const Expression& node, const Field& field, typename Field::Value& out);

}  // namespace polar
