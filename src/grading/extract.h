// Finding the answer in generated text. Every rule has a name, which is stored with the verdict.
#pragma once

#include <string>
#include <string_view>

namespace polar {

struct Extraction {
  std::string rule;    // "box", "letter", "number" or "none"
  std::string answer;  // "" for "none"; may be empty for an empty box
};

// Rules in their order: the first complete \boxed{…} (answerEnd of grader.h); a lone option letter, where the reference
// is one; the last number; none.
Extraction extractAnswer(std::string_view generated, std::string_view reference, bool boxOpen);

// The option letter A–J that a short answer such as "B", "(B)", "B.", "\text{(B)}" or "B) 12 apples" means; 0
// where it is none.
char optionLetter(std::string_view answer);

// The same for a reference, whose letter nothing may follow.
char referenceLetter(std::string_view reference);

}  // namespace polar
