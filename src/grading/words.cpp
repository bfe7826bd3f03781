#include "grading/words.h"

#include <array>

#include "grading/characters.h"

namespace polar {
namespace {

constexpr std::array<std::string_view, 8> kWrappers = {"\\text{",   "\\textbf{", "\\textit{",     "\\textrm{",
                                                       "\\mathrm{", "\\mbox{",   "\\textnormal{", "\\mathbf{"};

std::size_t wrapperAt(std::string_view text, std::size_t at) {
  for (const std::string_view wrapper : kWrappers) {
    if (text.compare(at, wrapper.size(), wrapper) == 0) return wrapper.size();
  }
  return 0;
}

// Length of \, \; \! \: "\ " \left \right \$ or ~ at `at`: spacing that a reader does not see.
std::size_t spacingAt(std::string_view text, std::size_t at) {
  if (isBlank(text[at]) || text[at] == '~' || text[at] == '$') return 1;
  if (text[at] != '\\' || at + 1 >= text.size()) return 0;
  if (std::string_view(",;:! $").find(text[at + 1]) != std::string_view::npos) return 2;
  for (const std::string_view command : {"\\left", "\\right"}) {
    const std::size_t end = at + command.size();
    if (text.compare(at, command.size(), command) == 0 && (end >= text.size() || !isLetter(text[end])))
      return command.size();
  }
  return 0;
}

bool isEndPunctuation(char c) { return std::string_view(".,;:!?'\"`*() ").find(c) != std::string_view::npos; }

}  // namespace

std::string normaliseWords(std::string_view text) {
  std::string words;
  int wrapped = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (const std::size_t wrapper = text[i] == '\\' ? wrapperAt(text, i) : 0; wrapper > 0) {
      ++wrapped;
      i += wrapper;
    } else if (const std::size_t spacing = spacingAt(text, i); spacing > 0) {
      if (!words.empty() && words.back() != ' ') words += ' ';
      i += spacing;
    } else if (text[i] == '}' && wrapped > 0) {
      --wrapped;
      ++i;
    } else {
      words += lowerCase(text[i++]);
    }
  }
  std::string_view kept = words;
  while (!kept.empty() && isEndPunctuation(kept.front())) kept.remove_prefix(1);
  while (!kept.empty() && isEndPunctuation(kept.back())) kept.remove_suffix(1);
  return std::string(kept);
}

std::string withoutSpacing(std::string_view text) {
  std::string kept;
  for (std::size_t i = 0; i < text.size();) {
    if (const std::size_t spacing = spacingAt(text, i); spacing > 0) {
      i += spacing;
    } else {
      kept += text[i++];
    }
  }
  return kept;
}

}  // namespace polar
