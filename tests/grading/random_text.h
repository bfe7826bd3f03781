// Random answers: pieces of LaTeX with a stray byte here and there.
#pragma once

#include <string>
#include <vector>

#include "support/random.h"

namespace polar::testing {

inline std::string randomText(Random& random) {
  static const std::vector<std::string> pieces = {"\\frac",
                                                  "\\sqrt",
                                                  "{",
                                                  "}",
                                                  "(",
                                                  ")",
                                                  "[",
                                                  "]",
                                                  ",",
                                                  "1",
                                                  "23",
                                                  ".",
                                                  "x",
                                                  "y",
                                                  "^",
                                                  "_",
                                                  "+",
                                                  "-",
                                                  "*",
                                                  "/",
                                                  "\\pi",
                                                  "e",
                                                  "i",
                                                  "\\",
                                                  "\\\\",
                                                  "&",
                                                  "=",
                                                  "<",
                                                  "%",
                                                  "\\%",
                                                  "\\{",
                                                  "\\}",
                                                  "\\text{",
                                                  "cm",
                                                  "\\boxed{",
                                                  "\\left",
                                                  "\\right",
                                                  ":",
                                                  "!",
                                                  " ",
                                                  "$",
                                                  "\\begin{pmatrix}",
                                                  "\\end{pmatrix}",
                                                  "\\pm",
                                                  "\\sin",
                                                  "\\log",
                                                  "\\infty",
                                                  "\\cup",
                                                  "\\circ",
                                                  "9999",
                                                  "\xCF\x80",
                                                  "\xFF",
                                                  "1,000",
                                                  "and",
                                                  "\\overline{3}",
                                                  "'",
                                                  "|",
                                                  "\\binom",
                                                  "~"};
  std::string text;
  const std::uint64_t length = random.below(24);
  for (std::uint64_t i = 0; i < length; ++i) {
    text += random.below(12) == 0 ? std::string(1, static_cast<char>(random.below(256)))
                                  : pieces[random.below(pieces.size())];
  }
  return text;
}

}  // namespace polar::testing
