// Answer extraction and equivalence.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace polar {

enum class Verdict : std::uint8_t { wrong = 0, right = 1, undecided = 2 };
std::string_view name(Verdict verdict);

struct Grade {
  Verdict verdict = Verdict::undecided;
  // How the answer was extracted and compared, e.g. "box/integer". Extraction: box, letter, number, none (extract.h).
  // Comparison: integer, rational, exact, symbolic, percent, based, list, tuple, union, matrix, ratio, relation, text,
  // letter; empty; kind (a number is no interval); unreadable; too-large.
  std::string rule;
  std::string answer;  // what was extracted
};

// Changes whenever a verdict could change; stored with every label.
inline constexpr std::string_view kGraderVersion = "2";

// Grades generated text against a reference answer. `boxOpen`: the prompt ended inside "\boxed{", so the text's first
// unbalanced "}" closes the answer. Deterministic, no locale, never throws on any bytes; safe from several threads.
Grade grade(std::string_view generated, std::string_view reference, bool boxOpen);

// Equivalence of two bare answers ("1/2" and "\frac{1}{2}").
// right: proved equal (exact arithmetic; expressions with symbols by agreement at three points to 100 bits), or the
// same text. wrong: proved different, or of different kinds. undecided: neither could be proved, or an answer is beyond
// the bounds (2000 bytes, 500 tokens, 120 levels). Units, currency and degree signs are dropped, lists and sets
// compared in any order, "x = 4" equals 4, 5:6 equals 5/6. The reference decides about percent: 50 % equals references
// of "50" and "50 %", 0.5 equals only a reference of "50 %".
Grade gradeAnswer(std::string_view answer, std::string_view reference);

// Index one past the brace that closes the answer in `generated`, or npos while the answer is still open. The early
// stop of generation and the extraction use this one function, so they cannot disagree. An inner \boxed{...} that
// closes first is the answer; "\{", "\}" are no braces.
std::size_t answerEnd(std::string_view generated, bool boxOpen);

}  // namespace polar
