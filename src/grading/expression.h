// An answer as a tree: what the parser makes and the comparison walks.
#pragma once

#include <string>
#include <vector>

namespace polar {

enum class Kind {
  number,     // name: digits, one point, then "(27)" for a repeating part and "e-5" for a power of ten
  symbol,     // name: "x", "C_{1}", "pi", "infinity"; pi, e and i are constants
  sum,        // parts
  negative,   // parts[0]
  product,    // parts
  quotient,   // parts[0] / parts[1]
  power,      // parts[0] ^ parts[1]
  root,       // the parts[1]-th root of parts[0]
  function,   // name: "sin"; parts: arguments
  factorial,  // parts[0]!
  plusMinus,  // parts[0] ± parts[1]
  percent,    // parts[0] %
  degrees,    // parts[0]°
  based,      // name: digits; parts[0]: the base
  list,       // bare or {…}: parts in any order
  tuple,      // name: brackets, "()", "[)", …; parts in their order
  matrix,     // name: "2x3" (rows x columns) and "|" for a determinant; parts row by row
  unionOf,    // parts in any order
  ratio,      // a : b (: c); name: "am", "pm" or ""
  relation,   // name: "=", "<", "<=", "!=", "~", "in"; parts[0] name parts[1]
  text,       // name: normalised words
};

struct Expression {
  Kind kind = Kind::number;
  std::string name;
  std::vector<Expression> parts;

  bool operator==(const Expression&) const = default;
};

// True where `test` holds for the node or one below it.
template <typename Test>
bool anyNode(const Expression& node, const Test& test) {
  if (test(node)) return true;
  for (const Expression& part : node.parts) {
    if (anyNode(part, test)) return true;
  }
  return false;
}

}  // namespace polar
