// Answer extraction and equivalence.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace polar {

enum class Verdict : std::uint8_t { wrong = 0, right = 1, undecided = 2 };
std::string_view name(Verdict verdict);

struct Grade {
  Verdict verdict = Verdict::undecided;
  std::string rule;    // how the answer was extracted and compared: "box/integer", "box/latex-text", "none", …
  std::string answer;  // what was extracted
};

// Changes whenever a verdict could change; stored with every label.
inline constexpr std::string_view kGraderVersion = "1";

// Grades generated text against a reference answer. `boxOpen`: the prompt ended inside "\boxed{", so the text's first
// unbalanced "}" closes the answer. Deterministic, no locale, never throws on any bytes.
Grade grade(std::string_view generated, std::string_view reference, bool boxOpen);

// Equivalence of two bare answers ("1/2" and "\frac{1}{2}").
Grade gradeAnswer(std::string_view answer, std::string_view reference);

// Index one past the brace that closes the answer in `generated`, or npos while the answer is still open. The early stop
// of generation and the extraction use this one function, so they cannot disagree.
std::size_t answerEnd(std::string_view generated, bool boxOpen);

}  // namespace polar
