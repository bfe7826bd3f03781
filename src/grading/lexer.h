// LaTeX and plain text to tokens.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace polar {

struct Token {
  enum Type {
    number,   // as Expression's
    symbol,   // one letter
    command,  // a LaTeX command without its backslash, or a function or Greek letter written as a word
    word,     // units and other words, from \text{…} or bare; text: normalised
    mark,     // one operator or bracket; "\{" and "\}" are "\\{" and "\\}"
    comma,    // between the members of a list: , ; "and" "or"
    end,
  };
  Type type = end;
  std::string text;
  bool blankBefore = false;
};

enum class Commas { separateThousands, separateMembers };

// At most this many bytes and tokens; longer input is not read.
inline constexpr std::size_t kMaxAnswerBytes = 2000;
inline constexpr std::size_t kMaxTokens = 500;

// nullopt where the text is too long. Never throws on any bytes; what it does not know becomes a mark that the parser
// refuses. The last token is `end`.
std::optional<std::vector<Token>> lex(std::string_view text, Commas commas);

}  // namespace polar
