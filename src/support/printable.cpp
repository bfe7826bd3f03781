#include "support/printable.h"

#include <algorithm>
#include <vector>

namespace polar {
namespace {

constexpr std::string_view kCut = "…";

struct Character {
  char32_t code = 0;
  std::size_t bytes = 1;
  bool valid = false;  // else one byte that begins no character
};

// The character at the beginning of `text`, which is not empty. Overlong
// forms, surrogates and numbers above U+10FFFF are not valid.
Character firstCharacter(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return {lead, 1, false};
  char32_t code = lead & (0x7fU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {lead, 1, false};
    code = code << 6 | (byte(i) & 0x3fU);
  }
  const bool overlong = (bytes == 3 && code < 0x800) || (bytes == 4 && code < 0x10000);
  if (overlong || (code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) return {lead, 1, false};
  return {code, bytes, true};
}

bool isHarmless(char32_t code) {
  const bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
  const bool direction = code == 0x061c || code == 0x200e || code == 0x200f || (code >= 0x202a && code <= 0x202e) ||
                         (code >= 0x2066 && code <= 0x2069);
  const bool separator = code == 0x2028 || code == 0x2029;
  return !control && !direction && !separator;
}

std::string escaped(const Character& character) {
  static constexpr char kDigits[] = "0123456789abcdef";
  if (character.valid && character.code == '\n') return "\\n";
  if (character.valid && character.code == '\r') return "\\r";
  if (character.valid && character.code == '\t') return "\\t";
  const bool wide = character.valid && character.code >= 0x80;
  std::string text = wide ? "\\u" : "\\x";
  for (int shift = wide ? 12 : 4; shift >= 0; shift -= 4) text += kDigits[character.code >> shift & 15];
  return text;
}

// A text in pieces that must not be cut: a character, or what replaces one.
struct Pieces {
  std::string text;
  std::vector<std::size_t> ends;  // of each piece in `text`
  std::vector<std::size_t> widths;

  explicit Pieces(std::string_view raw) {
    while (!raw.empty()) {
      const Character character = firstCharacter(raw);
      const bool plain = character.valid && isHarmless(character.code);
      const std::string piece = plain ? std::string(raw.substr(0, character.bytes)) : escaped(character);
      text += piece;
      ends.push_back(text.size());
      widths.push_back(plain ? 1 : piece.size());
      raw.remove_prefix(character.bytes);
    }
  }
};

// How many pieces from one end on have at most `room` characters together.
template <typename Iterator>
std::size_t fitting(Iterator begin, const Iterator& end, std::size_t room) {
  std::size_t count = 0;
  for (; begin != end && *begin <= room; ++begin, ++count) room -= *begin;
  return count;
}

// Without what can be no part of a shortened text's two ends: a character has at most four bytes.
std::string withoutMiddle(std::string_view text, std::size_t most) {
  const std::size_t end = 4 * most + 4;
  if (text.size() <= 2 * end) return std::string(text);
  std::string_view tail = text.substr(text.size() - end);
  for (int i = 0; i < 3 && (static_cast<unsigned char>(tail[0]) & 0xc0) == 0x80; ++i) tail.remove_prefix(1);
  return std::string(text.substr(0, end)) + std::string(tail);
}

}  // namespace

std::string printable(std::string_view text, std::size_t most) {
  const Pieces pieces(withoutMiddle(text, most));
  std::size_t width = 0;
  for (const std::size_t each : pieces.widths) width += each;
  if (width <= most) return pieces.text;
  const std::size_t room = most > 0 ? most - 1 : 0;
  const std::size_t front = fitting(pieces.widths.begin(), pieces.widths.end(), room - room / 2);
  const std::size_t back = fitting(pieces.widths.rbegin(), pieces.widths.rend(), room / 2);
  const std::size_t from = front > 0 ? pieces.ends[front - 1] : 0;
  const std::size_t to = pieces.ends[pieces.ends.size() - 1 - back];
  return pieces.text.substr(0, from) + std::string(kCut) + pieces.text.substr(to);
}

std::string printableLines(std::string_view text) {
  std::string lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines += Pieces(text.substr(0, end)).text;
    if (end == std::string_view::npos) break;
    lines += '\n';
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::string cutToColumns(std::string_view text, std::size_t columns) {
  // East Asian letters and emoji take two columns; what may be one of them counts as two.
  const auto widthOf = [](char32_t code) { return code >= 0x1100 ? std::size_t{2} : std::size_t{1}; };
  std::size_t width = 0, fits = 0;  // bytes that leave a column for "…"
  for (std::size_t at = 0; at < text.size();) {
    const Character character = firstCharacter(text.substr(at));
    width += widthOf(character.code);
    if (width > columns) return columns == 0 ? "" : std::string(text.substr(0, fits)) + std::string(kCut);
    at += character.bytes;
    if (width + 1 <= columns) fits = at;
  }
  return std::string(text);
}

}  // namespace polar
