#include "text/byte_level.h"

#include <array>
#include <map>

#include "text/unicode.h"

namespace polar {
namespace {

std::string utf8(unsigned code) {  // below U+0800
  if (code < 0x80) return std::string(1, static_cast<char>(code));
  return {static_cast<char>(0xC0 | (code >> 6)), static_cast<char>(0x80 | (code & 0x3F))};
}

struct Alphabet {
  std::array<std::string, 256> characters;
  std::map<char32_t, unsigned char> bytes;

  Alphabet() {
    unsigned shifted = 256;
    for (unsigned byte = 0; byte < 256; ++byte) {
      // Printable Latin-1 is itself; the rest moves to U+0100 and up, in order.
      const bool printable = (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
      const unsigned code = printable ? byte : shifted++;
      characters[byte] = utf8(code);
      bytes[code] = static_cast<unsigned char>(byte);
    }
  }
};

const Alphabet& alphabet() {
  static const Alphabet instance;
  return instance;
}

}  // namespace

const std::string& byteCharacter(unsigned char byte) { return alphabet().characters[byte]; }

std::optional<std::string> bytesOf(std::string_view token) {
  std::string result;
  for (const Character& c : characters(token)) {
    const auto found = alphabet().bytes.find(c.code);
    if (found == alphabet().bytes.end()) return std::nullopt;
    result += static_cast<char>(found->second);
  }
  return result;
}

}  // namespace polar
