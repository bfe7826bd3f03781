// What kind of thing an answer is, without a reference to compare it with.
#pragma once

#include <cstdint>
#include <string_view>

namespace polar {

enum class AnswerForm : std::uint8_t {
  none,           // no answer
  positiveWhole,  // its value is 1, 2, 3, …: "12", "3 \cdot 4", "\frac{24}{2}"
  otherNumber,    // another number: 0, negative, a fraction, a root
  other           // words, a letter, an interval, "x + 1"; what cannot be read
};

// `answer`: bare, as gradeAnswer takes it; "" is none. Deterministic, never throws on any bytes.
AnswerForm answerForm(std::string_view answer);

}  // namespace polar
