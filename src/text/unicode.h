// What the tokenizers ask of Unicode: a class for each character, and NFC.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace polar {

// The classes the split expressions use: \p{L}, \p{N}, \s and the rest, as HF tokenizers sees them (not as PCRE2 or
// ICU do). digitOnly: \p{N} in the newer Unicode version that its Digits splitter follows, `other` for expressions.
enum class CharClass : std::uint8_t { other, letter, number, space, digitOnly };

CharClass charClass(char32_t code);

struct Character {
  char32_t code;
  std::size_t offset;  // of its first byte
  CharClass type;
};

// The characters of UTF-8 text. A byte that is not part of valid UTF-8 is a character of its own: U+FFFD, `other`.
std::vector<Character> characters(std::string_view text);

// Unicode normalisation form C as HF tokenizers computes it, which is that of Unicode 9: what was added later is left
// as it is. Text that is not valid UTF-8 comes back as it is.
std::string toNfc(std::string_view text);

}  // namespace polar
