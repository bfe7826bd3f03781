#include "grading/grader.h"

#include <algorithm>

#include "grading/characters.h"
#include "grading/compare.h"
#include "grading/extract.h"
#include "grading/parser.h"
#include "grading/words.h"

namespace polar {
namespace {

// "81,256" may be one number or two.
bool hasThousandsComma(std::string_view text) {
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == ',' && isDigit(text[i - 1]) && isThousandsGroup(text, i + 1)) return true;
  }
  return false;
}

bool isLettersOnly(std::string_view text) {
  return text.size() >= 2 && std::all_of(text.begin(), text.end(), [](char c) { return isLetter(c) || isBlank(c); });
}

// The same string to a reader; words also whatever their case, but "x" is not "X".
bool sameText(std::string_view answer, std::string_view reference, bool readable) {
  const std::string a = normaliseWords(answer);
  const std::string b = normaliseWords(reference);
  if (!a.empty() && a == b && (!readable || isLettersOnly(trim(answer)))) return true;
  const std::string plain = withoutSpacing(answer);
  return !plain.empty() && plain == withoutSpacing(reference);
}

Comparison compareParsed(std::string_view answer, std::string_view reference) {
  const Parsed a = parseAnswer(answer);
  const Parsed b = parseAnswer(reference);
  const bool readable = a.state == Parsed::tree && b.state == Parsed::tree;
  Comparison result{Verdict::wrong, "unreadable"};
  if (readable) {
    result = compareAnswers(a.expression, b.expression);
    if (result.verdict != Verdict::right && (hasThousandsComma(answer) || hasThousandsComma(reference))) {
      const Comparison asLists = compareAnswers(parseAnswer(answer, Commas::separateMembers).expression,
                                                parseAnswer(reference, Commas::separateMembers).expression);
      if (asLists.verdict == Verdict::right) return asLists;
    }
  } else if (a.state == Parsed::tooLarge || b.state == Parsed::tooLarge) {
    result = {Verdict::undecided, "too-large"};
  } else if (a.state == b.state) {
    result.verdict = Verdict::undecided;  // two texts beyond the grammar may say the same in other words
  }
  if (result.verdict != Verdict::right && sameText(answer, reference, readable)) return {Verdict::right, "text"};
  return result;
}

}  // namespace

std::string_view name(Verdict verdict) {
  if (verdict == Verdict::right) return "right";
  return verdict == Verdict::wrong ? "wrong" : "undecided";
}

Grade gradeAnswer(std::string_view answer, std::string_view reference) {
  answer = trim(answer);
  if (answer.empty()) return {Verdict::wrong, "empty", ""};
  if (const char letter = referenceLetter(reference)) {
    return {optionLetter(answer) == letter ? Verdict::right : Verdict::wrong, "letter", std::string(answer)};
  }
  Comparison result = compareParsed(answer, reference);
  return {result.verdict, std::move(result.rule), std::string(answer)};
}

Grade grade(std::string_view generated, std::string_view reference, bool boxOpen) {
  const Extraction found = extractAnswer(generated, reference, boxOpen);
  if (found.rule == "none") return {Verdict::wrong, "none", ""};
  Grade result = gradeAnswer(found.answer, reference);
  result.rule = found.rule + "/" + result.rule;
  return result;
}

}  // namespace polar
