// Tokens to a tree. The grammar, loosest first; a list inside brackets is a tuple:
//   list     = relation {"," relation}
//   relation = union {("=" | "<" | …) union}
//   union    = ratio {"\cup" ratio}
//   ratio    = sum {":" sum} ["a.m." | "p.m."]
//   sum      = ["+" | "-" | "\pm"] product {("+" | "-" | "\pm") product}
//   product  = factor {["*" | "/" | "\cdot" | …] factor | unit}
//   factor   = ["-"] base ["^" argument]            e.g. x^2, \sqrt[3]{x}, \sin^2 x, 3\frac{1}{2}, 101_2, 5!
// Units after a value ("5 cm", "45\text{ units}^2") are dropped.
#pragma once

#include <string_view>

#include "grading/expression.h"
#include "grading/lexer.h"

namespace polar {

struct Parsed {
  enum State { tree, unreadable, tooLarge };
  State state = unreadable;
  Expression expression;
};

Parsed parseAnswer(std::string_view text, Commas commas = Commas::separateThousands);

}  // namespace polar
