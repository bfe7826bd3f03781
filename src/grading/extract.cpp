#include "grading/extract.h"

#include <optional>
#include <vector>

#include "grading/characters.h"
#include "grading/grader.h"

namespace polar {
namespace {

constexpr auto npos = std::string_view::npos;

struct Box {
  std::size_t begin = 0;  // first character inside
  std::size_t end = 0;    // one past the closing brace
};

// Length of a command that opens a box at `at`, up to and with its brace; 0 where there is none.
std::size_t boxOpening(std::string_view text, std::size_t at) {
  for (const std::string_view command : {"\\boxed", "\\fbox"}) {
    if (text.compare(at, command.size(), command) != 0) continue;
    std::size_t i = at + command.size();
    while (i < text.size() && isBlank(text[i])) ++i;
    if (i < text.size() && text[i] == '{') return i + 1 - at;
  }
  return 0;
}

// The first brace that closes a box decides, and the innermost open box is the one it closes: a prefix of the text can
// never give another box than the whole text, so generation may stop there.
std::optional<Box> firstBox(std::string_view text, bool boxOpen) {
  std::vector<std::size_t> open;  // per open brace: where its box begins, or npos for an ordinary brace
  if (boxOpen) open.push_back(0);
  for (std::size_t i = 0; i < text.size();) {
    if (const std::size_t length = text[i] == '\\' ? boxOpening(text, i) : 0; length > 0) {
      i += length;
      open.push_back(i);
    } else if (text[i] == '\\') {
      i += 2;  // \{, \} and \\ are no braces
    } else {
      if (text[i] == '{') open.push_back(npos);
      if (text[i] == '}' && !open.empty()) {
        if (open.back() != npos) return Box{open.back(), i + 1};
        open.pop_back();
      }
      ++i;
    }
  }
  return std::nullopt;
}

// Index one past the number that begins at `at` (a digit, or a point before a digit): 1,234.5 or 3/4 or 12%.
std::size_t numberEnd(std::string_view text, std::size_t at) {
  std::size_t i = skipNumber(text, at);
  if (i + 1 < text.size() && text[i] == '/' && isDigit(text[i + 1])) i = skipNumber(text, i + 1);
  if (i < text.size() && text[i] == '%') ++i;
  if (i + 1 < text.size() && text[i] == '\\' && text[i + 1] == '%') i += 2;
  return i;
}

// \frac{a}{b} with plain digits, as models write it outside a box; 0 where there is none.
std::size_t fractionEnd(std::string_view text, std::size_t at) {
  for (const std::string_view command : {"\\frac", "\\dfrac", "\\tfrac"}) {
    if (text.compare(at, command.size(), command) != 0) continue;
    std::size_t i = at + command.size();
    for (int part = 0; part < 2; ++part) {
      if (i + 1 >= text.size() || text[i] != '{' || !isDigit(text[i + 1])) return 0;
      i = skipNumber(text, i + 1);
      if (i >= text.size() || text[i] != '}') return 0;
      ++i;
    }
    return i;
  }
  return 0;
}

bool isMinusSign(std::string_view text, std::size_t at) {
  if (text[at] != '-') return false;
  if (at == 0) return true;
  const char before = text[at - 1];  // "5-3" and "3/4-inch" are not negative numbers
  return !isDigit(before) && !isLetter(before) && before != ')' && before != '}';
}

std::string_view lastNumber(std::string_view text) {
  std::string_view last;
  for (std::size_t i = 0; i < text.size();) {
    const bool point = text[i] == '.' && i + 1 < text.size() && isDigit(text[i + 1]);
    std::size_t end = text[i] == '\\' ? fractionEnd(text, i) : 0;
    if (end == 0 && (isDigit(text[i]) || point)) end = numberEnd(text, i);
    if (end == 0) {
      ++i;
      continue;
    }
    std::size_t begin = i;
    if (begin > 0 && text[begin - 1] == '$' && begin > 1 && isMinusSign(text, begin - 2)) begin -= 2;
    if (begin > 0 && isMinusSign(text, begin - 1)) --begin;
    last = text.substr(begin, end - begin);
    i = end;
  }
  return last;
}

bool isOption(char c) { return c >= 'A' && c <= 'J'; }

// The last option letter that is alone and is marked as a choice: "(B)", "B.", "B)", "answer is B", or the last
// word. A bare "A" or "I" inside a sentence is a word.
char lastLetter(std::string_view text) {
  char last = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!isOption(text[i])) continue;
    const char before = i > 0 ? text[i - 1] : ' ';
    const char after = i + 1 < text.size() ? text[i + 1] : '\0';
    if (isLetter(before) || isDigit(before) || isLetter(after) || isDigit(after) || before == '\\' || after == '\'')
      continue;
    const std::string_view head = text.substr(0, i);
    const bool announced = endsWith(head, "answer is ") || endsWith(head, "nswer: ") || endsWith(head, "ption ");
    const bool marked = after == '\0' || after == '.' || after == ')' || after == ':' || after == '}' || after == '*' ||
                        after == '\n' || after == '<';
    if (announced || marked) last = text[i];
  }
  return last;
}

bool startsMark(std::string_view text) {
  return !text.empty() && std::string_view(").:}$").find(text.front()) != std::string_view::npos;
}

// Takes brackets and text commands off the front; `letter`: the option letter after them, or 0. Returns what follows
// it.
std::string_view splitOption(std::string_view answer, char& letter) {
  for (bool taken = true; taken;) {
    taken = false;
    answer = trim(answer);
    for (const std::string_view front : {"\\textbf{", "\\text{", "\\mathrm{", "\\mathbf{", "(", "{", "$"}) {
      if (!startsWith(answer, front)) continue;
      answer.remove_prefix(front.size());
      taken = true;
    }
  }
  letter = !answer.empty() && isOption(answer.front()) ? answer.front() : '\0';
  return letter != 0 ? trim(answer.substr(1)) : answer;
}

}  // namespace

std::size_t answerEnd(std::string_view generated, bool boxOpen) {
  const auto box = firstBox(generated, boxOpen);
  return box ? box->end : npos;
}

char optionLetter(std::string_view answer) {
  char letter = 0;
  std::string_view rest = splitOption(answer, letter);
  return letter != 0 && (rest.empty() || startsMark(rest)) ? letter : '\0';
}

char referenceLetter(std::string_view reference) {
  char letter = 0;
  std::string_view rest = splitOption(reference, letter);
  while (!rest.empty() && (startsMark(rest) || isBlank(rest.front()) || rest.front() == '}')) rest.remove_prefix(1);
  return rest.empty() ? letter : '\0';
}

Extraction extractAnswer(std::string_view generated, std::string_view reference, bool boxOpen) {
  if (const auto box = firstBox(generated, boxOpen)) {
    return {"box", std::string(trim(generated.substr(box->begin, box->end - 1 - box->begin)))};
  }
  if (referenceLetter(reference) != 0) {
    if (const char letter = lastLetter(generated)) return {"letter", std::string(1, letter)};
  }
  if (const auto number = lastNumber(generated); !number.empty()) return {"number", std::string(number)};
  return {"none", ""};
}

}  // namespace polar
