#include "text/pre_tokenizer.h"

#include <algorithm>
#include <cstddef>
#include <span>

#include "text/unicode.h"

namespace polar {
namespace {

// A piece of text as its characters; every scan function returns where the match that begins at `from` ends.
using Piece = std::span<const Character>;

bool isLetter(const Character& c) { return c.type == CharClass::letter; }
bool isNumber(const Character& c) { return c.type == CharClass::number; }
bool isSpace(const Character& c) { return c.type == CharClass::space; }
bool isOther(const Character& c) { return c.type == CharClass::other || c.type == CharClass::digitOnly; }
bool isLineEnd(const Character& c) { return c.code == '\r' || c.code == '\n'; }
bool isDigit(const Character& c) { return isNumber(c) || c.type == CharClass::digitOnly; }

template <typename Predicate>
std::size_t run(Piece piece, std::size_t from, Predicate holds) {
  while (from < piece.size() && holds(piece[from])) ++from;
  return from;
}

// 's|'t|'re|'ve|'m|'ll|'d: its length, or 0. Without case, Oniguruma also takes U+017F (long s) for an s.
std::size_t contraction(Piece piece, std::size_t from, bool anyCase) {
  if (piece[from].code != '\'') return 0;
  const auto letter = [&](std::size_t at) -> char32_t {
    if (at >= piece.size()) return 0;
    const char32_t code = piece[at].code;
    if (anyCase && code == 0x17F) return 's';
    return anyCase && code >= 'A' && code <= 'Z' ? code + ('a' - 'A') : code;
  };
  const char32_t first = letter(from + 1), second = letter(from + 2);
  if (first == 's' || first == 't' || first == 'm' || first == 'd') return 2;
  if (((first == 'r' || first == 'v') && second == 'e') || (first == 'l' && second == 'l')) return 3;
  return 0;
}

// \s+(?!\S)|\s+: the last space before a word is left to that word.
std::size_t spaces(Piece piece, std::size_t from) {
  const std::size_t end = run(piece, from, isSpace);
  return end == piece.size() || end == from + 1 ? end : end - 1;
}

std::size_t scanGpt2(Piece piece, std::size_t from) {
  if (const std::size_t length = contraction(piece, from, false)) return from + length;
  const std::size_t word = piece[from].code == ' ' && from + 1 < piece.size() ? from + 1 : from;
  if (isLetter(piece[word])) return run(piece, word, isLetter);
  if (isNumber(piece[word])) return run(piece, word, isNumber);
  if (isOther(piece[word])) return run(piece, word, isOther);
  return spaces(piece, from);
}

std::size_t scanLlama3(Piece piece, std::size_t from, std::size_t digits) {
  if (const std::size_t length = contraction(piece, from, true)) return from + length;
  const Character& first = piece[from];
  const bool more = from + 1 < piece.size();
  if (isLetter(first)) return run(piece, from, isLetter);
  if (!isLineEnd(first) && !isNumber(first) && more && isLetter(piece[from + 1])) return run(piece, from + 1, isLetter);
  if (isNumber(first)) return run(piece.first(std::min(piece.size(), from + digits)), from, isNumber);
  const std::size_t word = first.code == ' ' && more ? from + 1 : from;
  if (isOther(piece[word])) return run(piece, run(piece, word, isOther), isLineEnd);
  // \s*[\r\n]+ ends after the last line end of the white space.
  const std::size_t end = run(piece, from, isSpace);
  for (std::size_t at = end; at > from; --at)
    if (isLineEnd(piece[at - 1])) return at;
  return spaces(piece, from);
}

std::size_t scanDigits(Piece piece, std::size_t from) {
  return isDigit(piece[from]) ? from + 1 : run(piece, from, [](const Character& c) { return !isDigit(c); });
}

std::size_t scan(SplitRule rule, Piece piece, std::size_t from) {
  switch (rule) {
    case SplitRule::digits:
      return scanDigits(piece, from);
    case SplitRule::gpt2:
      return scanGpt2(piece, from);
    case SplitRule::llama3:
      return scanLlama3(piece, from, 3);
    case SplitRule::qwen2:
      break;
  }
  return scanLlama3(piece, from, 1);
}

}  // namespace

bool splitRuleOf(std::string_view expression, SplitRule& rule) {
  constexpr std::string_view kBefore = R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N})";
  constexpr std::string_view kAfter = R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
  if (!expression.starts_with(kBefore) || !expression.ends_with(kAfter)) return false;
  if (expression.size() < kBefore.size() + kAfter.size()) return false;
  const auto digits = expression.substr(kBefore.size(), expression.size() - kBefore.size() - kAfter.size());
  rule = digits.empty() ? SplitRule::qwen2 : SplitRule::llama3;
  return digits.empty() || digits == "{1,3}";
}

std::string ruleName(SplitRule rule) {
  switch (rule) {
    case SplitRule::digits:
      return "digits";
    case SplitRule::gpt2:
      return "gpt-2";
    case SplitRule::llama3:
      return "llama-3";
    case SplitRule::qwen2:
      break;
  }
  return "qwen2";
}

std::vector<std::string_view> splitWords(std::string_view text, const std::vector<SplitRule>& rules) {
  const std::vector<Character> all = characters(text);
  std::vector<Piece> pieces;
  if (!all.empty()) pieces.push_back(all);
  for (const SplitRule rule : rules) {
    std::vector<Piece> finer;
    for (const Piece piece : pieces)
      for (std::size_t from = 0; from < piece.size();) {
        const std::size_t end = scan(rule, piece, from);
        finer.push_back(piece.subspan(from, end - from));
        from = end;
      }
    pieces = std::move(finer);
  }
  std::vector<std::string_view> words;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const std::size_t begin = pieces[i].front().offset;
    const std::size_t end = i + 1 < pieces.size() ? pieces[i + 1].front().offset : text.size();
    words.push_back(text.substr(begin, end - begin));
  }
  return words;
}

}  // namespace polar
