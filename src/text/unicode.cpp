#include "text/unicode.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>
#include <memory>

namespace polar {
namespace {

struct ClassRange {
  char32_t first, last;
  CharClass type;
};

constexpr CharClass L = CharClass::letter, N = CharClass::number, S = CharClass::space, D = CharClass::digitOnly;
constexpr ClassRange kRanges[] = {
#include "text/unicode_ranges.inc"
};

struct CodeRange {
  char32_t first, last;
};

constexpr CodeRange kCombining[] = {
#include "text/combining_ranges.inc"
};
// Scripts younger than Unicode 9 in which letters compose: Todhri, Tulu-Tigalari, Dives Akuru, Gurung Khema, Kirat Rai.
constexpr CodeRange kComposingLater[] = {
    {0x105C0, 0x105FF}, {0x11380, 0x113FF}, {0x11900, 0x1195F}, {0x16100, 0x1613F}, {0x16D40, 0x16D7F}};

template <std::size_t size>
bool contains(const CodeRange (&ranges)[size], char32_t code) {
  const auto* range = std::upper_bound(std::begin(ranges), std::end(ranges), code,
                                       [](char32_t value, const CodeRange& next) { return value < next.first; });
  return range != std::begin(ranges) && code <= (range - 1)->last;
}

// Does this library reorder or compose a character that HF tokenizers' NFC does not know?
bool isYoung(char32_t code) {
  if (code < 0x300) return false;
  if (contains(kComposingLater, code)) return true;
  const auto* property = utf8proc_get_property(static_cast<utf8proc_int32_t>(code));
  return property->combining_class != 0 && !contains(kCombining, code);
}

std::string nfcOf(std::string_view text) {
  utf8proc_uint8_t* composed = nullptr;
  const auto length =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
                   &composed, static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(composed, &std::free);
  if (length < 0) return std::string(text);
  return std::string(reinterpret_cast<const char*>(composed), static_cast<std::size_t>(length));
}

CharClass searchClass(char32_t code) {
  const auto* range = std::upper_bound(std::begin(kRanges), std::end(kRanges), code,
                                       [](char32_t value, const ClassRange& next) { return value < next.first; });
  if (range == std::begin(kRanges)) return CharClass::other;
  --range;
  return code <= range->last ? range->type : CharClass::other;
}

bool isAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

CharClass charClass(char32_t code) {
  static const auto ascii = [] {
    std::array<CharClass, 128> table{};
    for (char32_t c = 0; c < table.size(); ++c) table[c] = searchClass(c);
    return table;
  }();
  return code < ascii.size() ? ascii[code] : searchClass(code);
}

std::vector<Character> characters(std::string_view text) {
  std::vector<Character> result;
  result.reserve(text.size());
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (std::size_t at = 0; at < text.size();) {
    utf8proc_int32_t code = 0;
    auto length = utf8proc_iterate(bytes + at, static_cast<utf8proc_ssize_t>(text.size() - at), &code);
    if (length <= 0) {
      length = 1;
      code = 0xFFFD;
    }
    result.push_back({static_cast<char32_t>(code), at, charClass(static_cast<char32_t>(code))});
    at += static_cast<std::size_t>(length);
  }
  return result;
}

std::string toNfc(std::string_view text) {
  if (isAscii(text)) return std::string(text);
  // A young character is a wall: nothing moves past it and it composes with nothing, so each side is normalised alone.
  std::string result;
  std::size_t begin = 0;
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (std::size_t at = 0; at < text.size();) {
    utf8proc_int32_t code = 0;
    const auto length = utf8proc_iterate(bytes + at, static_cast<utf8proc_ssize_t>(text.size() - at), &code);
    if (length <= 0) return std::string(text);
    const std::size_t next = at + static_cast<std::size_t>(length);
    if (isYoung(static_cast<char32_t>(code))) {
      if (at > begin) result += nfcOf(text.substr(begin, at - begin));
      result += text.substr(at, next - at);
      begin = next;
    }
    at = next;
  }
  if (begin < text.size()) result += nfcOf(text.substr(begin));
  return result;
}

}  // namespace polar
