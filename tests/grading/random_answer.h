// Answers a model might give, and what noise makes of them: grammar-made LaTeX, mutations of it, stray code points.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "grading/random_text.h"
#include "support/random.h"

namespace polar::testing {

class RandomAnswer {
 public:
  explicit RandomAnswer(std::uint64_t seed) : random_(seed) {}

  // An answer and a reference: the same with other spelling, a mutation of it, or something else.
  std::pair<std::string, std::string> pair() {
    const std::string reference = answer();
    switch (random_.below(4)) {
      case 0:
        return {answer(), reference};
      case 1:
        return {mutated(reference), reference};
      case 2:
        return {"\\left( " + reference + " \\right) + 0", reference};
      default:
        return {mutated(mutated(mutated(reference))), mutated(reference)};
    }
  }

 private:
  std::string answer() {
    switch (random_.below(8)) {
      case 0:
        return randomText(random_);
      case 1:
        return noise();
      case 2:
        return several();
      default:
        return expression(static_cast<int>(1 + random_.below(5)));
    }
  }

  std::string pick(const std::vector<std::string>& from) { return from[random_.below(from.size())]; }
  std::string digits(std::uint64_t most) {
    std::string text = std::to_string(random_.below(10));
    for (std::uint64_t i = random_.below(most); i > 0; --i) text += std::to_string(random_.below(10));
    return text;
  }

  std::string leaf() {
    switch (random_.below(8)) {
      case 0:
        return pick({"x", "y", "n", "\\theta", "C_1", "a_{10}", "i", "e", "\\pi", "\\infty", "f(x)"});
      case 1:
        return digits(3) + "." + digits(4);
      case 2:
        return digits(random_.below(20) == 0 ? 400 : 9);
      default:
        return digits(2);
    }
  }

  std::string expression(int depth) {
    if (depth == 0) return leaf();
    const auto inner = [&] { return expression(static_cast<int>(random_.below(static_cast<std::uint64_t>(depth)))); };
    switch (random_.below(14)) {
      case 0:
        return "\\frac{" + inner() + "}{" + inner() + "}";
      case 1:
        return "\\sqrt{" + inner() + "}";
      case 2:
        return "\\sqrt[" + digits(1) + "]{" + inner() + "}";
      case 3:
        return inner() + " + " + inner();
      case 4:
        return inner() + "-" + inner();
      case 5:
        return inner() + pick({"", " ", "\\cdot ", "\\times ", "*", "/"}) + inner();
      case 6:
        return "(" + inner() + ")^{" + inner() + "}";
      case 7:
        return inner() + "^" + digits(1);
      case 8:
        return "\\" + pick({"sin", "cos", "tan", "ln", "log", "arctan", "exp"}) + "{" + inner() + "}";
      case 9:
        return "\\binom{" + inner() + "}{" + inner() + "}";
      case 10:
        return "(" + inner() + ")" + pick({"!", "\\%", "^\\circ", "^{-1}", "\\text{ cm}", ""});
      case 11:
        return "-" + inner();
      case 12:
        return "\\left|" + inner() + "\\right|";
      default:
        return "\\left(" + inner() + "\\right)";
    }
  }

  std::string several() {
    const std::string between =
        pick({", ", " \\cup ", " \\text{ and } ", " \\pm ", " = ", " < ", ":", " & ", " \\\\ "});
    std::string text = expression(2);
    for (std::uint64_t i = random_.below(6); i > 0; --i) text += between + expression(2);
    const auto [open, close] = std::vector<std::pair<std::string, std::string>>{
        {"(", ")"},       {"[", ")"},   {"\\{", "\\}"},    {"", ""},  {"\\begin{pmatrix}", "\\end{pmatrix}"},
        {"\\text{", "}"}, {"x = ", ""}, {"\\boxed{", "}"}, {"$", "$"}}[random_.below(9)];
    return open + text + close;
  }

  // A code point as UTF-8, at times cut short.
  std::string codePoint() {
    static const std::vector<std::pair<std::uint32_t, std::uint32_t>> ranges = {
        {0x20, 0x5F},   {0xA0, 0x60},     {0x300, 0x70},   {0x370, 0x90},   {0x5D0, 0x20},
        {0x2000, 0x70}, {0x2070, 0x30},   {0x2150, 0x40},  {0x2190, 0x180}, {0x4E00, 0x100},
        {0xFF10, 0x50}, {0x1D400, 0x400}, {0x1F600, 0x40}, {0x10FF00, 0xFF}};
    const auto [first, count] = ranges[random_.below(ranges.size())];
    const std::uint32_t code = first + static_cast<std::uint32_t>(random_.below(count));
    std::string text;
    const auto put = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
    if (code < 0x80) {
      put(code);
    } else if (code < 0x800) {
      put(0xC0 | code >> 6);
    } else if (code < 0x10000) {
      put(0xE0 | code >> 12), put(0x80 | (code >> 6 & 0x3F));
    } else {
      put(0xF0 | code >> 18), put(0x80 | (code >> 12 & 0x3F)), put(0x80 | (code >> 6 & 0x3F));
    }
    if (code >= 0x80 && random_.below(20) != 0) put(0x80 | (code & 0x3F));
    return text;
  }

  std::string noise() {
    std::string text;
    for (std::uint64_t i = random_.below(40); i > 0; --i) text += random_.below(3) == 0 ? expression(1) : codePoint();
    return text;
  }

  std::string mutated(std::string text) {
    const std::size_t at = random_.below(text.size() + 1), length = random_.below(8);
    switch (random_.below(6)) {
      case 0:
        return text.erase(at, length);
      case 1:
        return text.insert(at, text.substr(random_.below(text.size() + 1), length));
      case 2:
        return text.insert(at, codePoint());
      case 3:
        return text.insert(at, expression(1));
      case 4:
        return text.insert(
            at, pick({"{", "}", "\\", "(", ")", "[", "]", "^", "_", "\\frac", "\\sqrt", "\\left", ",", "!"}));
      default:
        for (std::uint64_t i = random_.below(6); i > 0 && text.size() < 1500; --i) text += text;
        return text;
    }
  }

  Random random_;
};

}  // namespace polar::testing
