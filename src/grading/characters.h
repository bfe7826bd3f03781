// Bytes as ASCII, whatever the locale.
#pragma once

#include <string_view>

namespace polar {

constexpr bool isDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool isLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool isBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }
constexpr char lowerCase(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr bool startsWith(std::string_view text, std::string_view head) { return text.substr(0, head.size()) == head; }

constexpr bool endsWith(std::string_view text, std::string_view tail) {
  return text.size() >= tail.size() && text.substr(text.size() - tail.size()) == tail;
}

constexpr std::string_view trim(std::string_view text) {
  while (!text.empty() && isBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && isBlank(text.back())) text.remove_suffix(1);
  return text;
}

// Three digits and no fourth at `at`: what follows a thousands separator.
constexpr bool isThousandsGroup(std::string_view text, std::size_t at) {
  if (at + 3 > text.size()) return false;
  for (std::size_t i = at; i < at + 3; ++i) {
    if (!isDigit(text[i])) return false;
  }
  return at + 3 == text.size() || !isDigit(text[at + 3]);
}

// Index one past the digits, thousands groups ("1,234,567") and decimals that begin at `at`. A final point belongs to
// the sentence. Groups count only after one to three leading digits, so "1234,567" is two numbers.
constexpr std::size_t skipNumber(std::string_view text, std::size_t at) {
  std::size_t i = at;
  while (i < text.size() && isDigit(text[i])) ++i;
  if (i - at >= 1 && i - at <= 3) {
    while (i < text.size() && text[i] == ',' && isThousandsGroup(text, i + 1)) i += 4;
  }
  if (i + 1 < text.size() && text[i] == '.' && isDigit(text[i + 1])) {
    ++i;
    while (i < text.size() && isDigit(text[i])) ++i;
  }
  return i;
}

}  // namespace polar
