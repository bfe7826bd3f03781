// Foreign text made fit to print, and the messages that hold it.
#include "support/printable.h"

#include "catch.h"
#include "support/error.h"

using namespace polar;

namespace {

// Bytes that a terminal would take for more than text.
bool isHarmless(const std::string& text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  for (const char* code : {"\xc2\x80", "\xc2\x9b", "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x80\xa8"})
    if (text.find(code) != std::string::npos) return false;
  return true;
}

std::size_t characters(const std::string& text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return count;
}

using namespace std::string_literals;

}  // namespace

TEST_CASE("plain text stays as it is") {
  for (const char* text : {"", "labels.h5", "a \\n b", "Zoë – 東京 🙂 … Ω", "'quoted' \"too\""})
    CHECK(printable(text) == text);
  CHECK(printable(std::string(200, 'x')) == std::string(200, 'x'));
}

TEST_CASE("what moves the cursor, turns the text or is not UTF-8 is written out") {
  CHECK(printable("\x1b[31mred\x1b[0m") == "\\x1b[31mred\\x1b[0m");
  CHECK(printable("a\nb\r\tc\x7f") == "a\\nb\\r\\tc\\x7f");
  CHECK(printable("a\0b"s) == "a\\x00b");
  CHECK(printable("\xc2\x9b"
                  "31m") == "\\u009b31m");  // C1: a control sequence in one character
  CHECK(printable("\xe2\x80\xae"
                  "exe.txt") == "\\u202eexe.txt");  // right to left from here on
  CHECK(printable("\xe2\x81\xa6x\xe2\x81\xa9") == "\\u2066x\\u2069");
  CHECK(printable("\xe2\x80\xa8") == "\\u2028");
  CHECK(printable("\xff\xc3") == "\\xff\\xc3");
  CHECK(printable("\xc0\xaf") == "\\xc0\\xaf");                    // overlong
  CHECK(printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");           // half of a surrogate pair
  CHECK(printable("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");  // above U+10FFFF
  CHECK(printable("\xe6\x9d") == "\\xe6\\x9d");                    // cut off
}

TEST_CASE("a long text loses its middle, and no character is cut") {
  const std::string cut = printable(std::string(500, 'a') + std::string(500, 'z'), 9);
  CHECK(cut == "aaaa…zzzz");
  CHECK(printable(std::string(1000, '\x1b'), 10) == "\\x1b…\\x1b");
  std::string wide, broken;
  for (int i = 0; i < 100000; ++i) wide += "東";
  for (int i = 0; i < 1000000; ++i) broken += static_cast<char>(0x80 + i % 64);
  for (const std::size_t most : {1u, 2u, 3u, 50u, 200u}) {
    CHECK(characters(printable(wide, most)) == most);
    CHECK(characters(printable(broken, most)) <= most);
    CHECK(isHarmless(printable(broken, most)));
  }
  CHECK(printable(printable(wide)) == printable(wide));
}

TEST_CASE("any bytes become text that is harmless and stays the same when it is treated again") {
  std::uint64_t state = 7;
  for (int round = 0; round < 3000; ++round) {
    std::string bytes;
    for (int i = 0; i < 40; ++i)
      bytes += static_cast<char>((state = state * 6364136223846793005u + 1442695040888963407u) >> 56);
    const std::string text = printable(bytes, 60);
    REQUIRE(isHarmless(text));
    REQUIRE(characters(text) <= 60);
    REQUIRE(printable(text, 60) == text);
  }
}

TEST_CASE("lines stay lines") {
  CHECK(printableLines("a\x1b\nb\n") == "a\\x1b\nb\n");
  CHECK(printableLines("a\n\nb") == "a\n\nb");
  CHECK(printableLines(std::string(5000, 'x')).size() == 5000);
}

TEST_CASE("a line is cut to the columns of a terminal") {
  CHECK(cutToColumns("search: 12", 10) == "search: 12");
  CHECK(cutToColumns("search: 123", 10) == "search: 1…");
  CHECK(cutToColumns("東京東京", 5) == "東京…");
  CHECK(cutToColumns("東京東京", 4) == "東…");
  CHECK(cutToColumns("ab", 1) == "…");
  CHECK(cutToColumns("ab", 0).empty());
}

TEST_CASE("a message is one harmless line whatever it is about") {
  const std::string evil = "\x1b]0;title\x07\n\xe2\x80\xae\xff"s + '\0' + "end";
  const InputError error(evil, evil, evil, evil);
  const std::string text = error.what();
  CHECK(isHarmless(text));
  std::size_t ends = 0;  // a NUL would have cut the first part off
  for (std::size_t at = text.find("end"); at != std::string::npos; at = text.find("end", at + 1)) ++ends;
  CHECK(ends == 4);
  CHECK(error.where() == evil);
}

TEST_CASE("a message about a million characters is short, and a list of names of ours stays whole") {
  const std::string million(1000000, 'x');
  CHECK(std::string(InputError(million, million, "b").what()).size() < 1000);
  std::vector<std::string> names;
  for (int i = 0; i < 100; ++i) names.push_back("search.key_" + std::to_string(i));
  CHECK(std::string(InputError("a", "b", "one of " + joinNames(names)).what()).find(joinNames(names)) !=
        std::string::npos);
  CHECK(nearestName(million, {"search"}).empty());
  CHECK(nearestName("search", {million, "serach"}) == "serach");
}
