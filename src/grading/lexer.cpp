#include "grading/lexer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "grading/characters.h"
#include "grading/words.h"

namespace polar {
namespace {

template <std::size_t n>
bool isOneOf(std::string_view text, const std::array<std::string_view, n>& names) {
  return std::find(names.begin(), names.end(), text) != names.end();
}

// Commands that only set the type or the space.
constexpr std::array<std::string_view, 35> kSilent = {
    "left",   "right",        "big",   "Big",   "bigg",    "Bigg",      "bigl",       "bigr",   "Bigl",
    "Bigr",   "displaystyle", "quad",  "qquad", "limits",  "mathbf",    "boldsymbol", "mathbb", "mathit",
    "mathsf", "mathcal",      "rm",    "bf",    "it",      "textstyle", "hspace",     "hfill",  "bm",
    "biggl",  "biggr",        "Biggl", "Biggr", "enspace", "thinspace", "boxed",      "fbox"};

constexpr std::array<std::string_view, 9> kTextCommands = {"text",   "mbox",       "textbf", "textrm",      "mathrm",
                                                           "textit", "textnormal", "hbox",   "operatorname"};

// Words that mean a command when written without a backslash.
constexpr std::array<std::string_view, 20> kBareCommands = {
    "sqrt",   "pi", "sin", "cos", "tan",      "cot", "sec", "csc",   "arcsin", "arccos",
    "arctan", "ln", "log", "exp", "infinity", "inf", "cup", "union", "theta",  "frac"};

constexpr std::array<std::string_view, 33> kShortUnits = {
    "cm", "mm", "km", "ft", "in", "kg", "mg", "lb", "oz", "hr", "mi", "am", "pm", "mL", "ml", "Hz", "yd",
    "dm", "nm", "eV", "Pa", "kJ", "kW", "sq", "cu", "TB", "GB", "MB", "KB", "th", "nd", "rd", "st"};

// UTF-8 signs and the LaTeX that they mean.
constexpr std::array<std::pair<std::string_view, std::string_view>, 20> kSigns = {{
    {"\xCF\x80", "\\pi "},
    {"\xE2\x88\x9A", "\\sqrt "},
    {"\xC3\x97", "*"},
    {"\xC2\xB7", "*"},
    {"\xE2\x88\x92", "-"},
    {"\xE2\x80\x93", "-"},
    {"\xE2\x89\xA4", "\\le "},
    {"\xE2\x89\xA5", "\\ge "},
    {"\xE2\x88\x9E", "\\infty "},
    {"\xC2\xB0", "\\degree "},
    {"\xE2\x88\xAA", "\\cup "},
    {"\xC3\xB7", "/"},
    {"\xC2\xB1", "\\pm "},
    {"\xC2\xB2", "^2"},
    {"\xC2\xB3", "^3"},
    {"\xE2\x82\xAC", "$"},
    {"\xC2\xA3", "$"},
    {"\xCE\xB8", "\\theta "},
    {"\xE2\x89\x88", "\\approx "},
    {"\xC2\xA0", " "},
}};

std::string withLatexSigns(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size();) {
    const auto sign =
        static_cast<unsigned char>(text[i]) < 0x80
            ? kSigns.end()
            : std::find_if(
                  kSigns.begin(), kSigns.end(),
                  [&](const auto& entry) { return text.compare(i, entry.first.size(), entry.first) == 0; });
    if (sign == kSigns.end()) {
      plain += text[i++];
    } else {
      plain += sign->second;
      i += sign->first.size();
    }
  }
  return plain;
}

class Lexer {
 public:
  Lexer(std::string_view text, Commas commas) : text_(text), commas_(commas) {}

  std::optional<std::vector<Token>> run() {
    while (at_ < text_.size()) {
      if (tokens_.size() > kMaxTokens) return std::nullopt;
      step();
    }
    while (!tokens_.empty() && (isMark(tokens_.back(), ".") || tokens_.back().text == ",")) tokens_.pop_back();
    tokens_.push_back({Token::end, "", false});
    return std::move(tokens_);
  }

 private:
  static bool isMark(const Token& token, std::string_view text) {
    return token.type == Token::mark && token.text == text;
  }

  bool startsHere(std::string_view head) const { return text_.compare(at_, head.size(), head) == 0; }

  void add(Token::Type type, std::string text) {
    tokens_.push_back({type, std::move(text), blank_});
    blank_ = false;
  }

  void step() {
    const char c = text_[at_];
    const bool pointNumber = c == '.' && at_ + 1 < text_.size() && isDigit(text_[at_ + 1]);
    if (isBlank(c) || c == '~' || c == '$') {
      blank_ = true;
      ++at_;
    } else if (isDigit(c) || pointNumber) {
      lexNumber();
    } else if (isLetter(c)) {
      lexLetters();
    } else if (c == '\\') {
      lexCommand();
    } else if (c == ',' || c == ';') {
      ++at_;
      addComma(std::string(1, c));
    } else {
      countBracket(c);
      ++at_;
      add(Token::mark, std::string(1, c));
    }
  }

  // "2, 3, and 4": one separator.
  void addComma(std::string text) {
    if (tokens_.empty() || tokens_.back().type != Token::comma) add(Token::comma, std::move(text));
  }

  void countBracket(char c) {
    if (c == '(' || c == '[') ++brackets_;
    if ((c == ')' || c == ']') && brackets_ > 0) --brackets_;
  }

  // Length of a thousands separator at `at`: "," or ",\!" at the top, "{,}", "\," or one blank anywhere; 0 for none.
  std::size_t separatorAt(std::size_t at) const {
    const bool commaAllowed = commas_ == Commas::separateThousands && brackets_ == 0;
    std::size_t i = at;
    if (commas_ == Commas::separateThousands && text_.compare(i, 3, "{,}") == 0) {
      i += 3;
    } else if (commaAllowed && i < text_.size() && text_[i] == ',') {
      ++i;
      while (text_.compare(i, 2, "\\!") == 0 || (text_.compare(i, 3, " \\!") == 0)) i += text_[i] == ' ' ? 3 : 2;
      if (i > at + 1 && i < text_.size() && text_[i] == ' ') ++i;
    } else if (text_.compare(i, 2, "\\,") == 0) {
      i += 2;
    } else if (i < text_.size() && text_[i] == ' ') {
      ++i;
    }
    return i > at && isThousandsGroup(text_, i) ? i - at : 0;
  }

  std::size_t takeDigits(std::string& digits) {
    const std::size_t begin = at_;
    while (at_ < text_.size() && isDigit(text_[at_])) digits += text_[at_++];
    return at_ - begin;
  }

  void lexNumber() {
    std::string digits;
    const std::size_t leading = takeDigits(digits);
    if (leading >= 1 && leading <= 3) {
      while (const std::size_t separator = separatorAt(at_)) {
        at_ += separator;
        takeDigits(digits);
      }
    }
    if (digits.empty()) digits.push_back('0');
    if (at_ < text_.size() && text_[at_] == '.') lexFraction(digits);
    lexExponent(digits);
    add(Token::number, digits);
  }

  // ".5", ".1\overline{6}", or a point that ends "5."
  void lexFraction(std::string& digits) {
    if (at_ + 1 < text_.size() && text_[at_ + 1] == '.') return;  // "1..." is no number
    ++at_;
    std::string places;
    takeDigits(places);
    constexpr std::string_view overline = "\\overline{";
    if (startsHere(overline)) {
      std::size_t i = at_ + overline.size();
      std::string repeating;
      while (i < text_.size() && isDigit(text_[i])) repeating += text_[i++];
      if (!repeating.empty() && i < text_.size() && text_[i] == '}') {
        at_ = i + 1;
        places.append("(").append(repeating).append(")");
      }
    }
    if (!places.empty()) digits.append(".").append(places);
  }

  // "4.5e33", as plain text writes powers of ten; "3e" and "3e^2" are products.
  void lexExponent(std::string& digits) {
    if (at_ >= text_.size() || (text_[at_] != 'e' && text_[at_] != 'E')) return;
    std::size_t i = at_ + 1;
    std::string exponent = "e";
    if (i < text_.size() && (text_[i] == '-' || text_[i] == '+')) {
      if (text_[i++] == '-') exponent += '-';
    }
    const std::size_t first = i;
    while (i < text_.size() && isDigit(text_[i])) exponent += text_[i++];
    if (i == first || i - first > 4) return;
    digits += exponent;
    at_ = i;
  }

  void lexLetters() {
    std::size_t end = at_;
    while (end < text_.size() && isLetter(text_[end])) ++end;
    const std::string_view run = text_.substr(at_, end - at_);
    const bool afterValue =
        !tokens_.empty() && tokens_.back().type != Token::mark && tokens_.back().type != Token::comma;
    const bool adjacent = !blank_ && !tokens_.empty() && tokens_.back().type != Token::word;
    const bool halfOfDay = startsHere("a.m") || startsHere("p.m");
    if (isOneOf(run, kBareCommands)) {
      at_ = end;
      add(Token::command, std::string(run));
    } else if (run == "and" || run == "or") {
      at_ = end;
      addComma("and");
    } else if (halfOfDay || run.size() >= 4 || (run.size() == 3 && !adjacent) ||
               (afterValue && isOneOf(run, kShortUnits))) {
      lexWords();
    } else {
      for (const char c : run) add(Token::symbol, std::string(1, c));
      at_ = end;
    }
  }

  // A word and what belongs to it: "p.m", "Lisa's", "twenty-one".
  void lexWords() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && (isLetter(text_[at_]) || text_[at_] == '\'' || text_[at_] == '-' || text_[at_] == '.'))
      ++at_;
    while (at_ > begin + 1 && (text_[at_ - 1] == '-' || text_[at_ - 1] == '.')) --at_;
    add(Token::word, normaliseWords(text_.substr(begin, at_ - begin)));
  }

  void lexCommand() {
    if (at_ + 1 >= text_.size()) {
      ++at_;
      return add(Token::mark, "\\");
    }
    const char next = text_[at_ + 1];
    if (!isLetter(next)) {
      at_ += 2;
      return lexControlSymbol(next);
    }
    std::size_t end = at_ + 1;
    while (end < text_.size() && isLetter(text_[end])) ++end;
    const std::string_view name = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end;
    if (isOneOf(name, kTextCommands)) {
      lexText(name == "operatorname");
    } else if (name == "phantom") {
      skipArgument();
    } else if (name == "left" || name == "right") {
      while (at_ < text_.size() && isBlank(text_[at_])) ++at_;
      if (at_ < text_.size() && text_[at_] == '.') ++at_;
    } else if (!isOneOf(name, kSilent)) {
      add(Token::command, std::string(name));
    } else {
      blank_ = true;
    }
  }

  void lexControlSymbol(char symbol) {
    switch (symbol) {
      case '!':
      case ',':
      case ';':
      case ':':
      case ' ':
      case '$':
      case '(':
      case ')':
      case '[':
      case ']':
      case '>':
        blank_ = true;
        return;
      case '%':
        return add(Token::mark, "%");
      case '{':
        ++brackets_;
        return add(Token::mark, "\\{");
      case '}':
        if (brackets_ > 0) --brackets_;
        return add(Token::mark, "\\}");
      case '\\':
        return add(Token::command, "\\");
      default:
        return add(Token::mark, std::string{'\\', symbol});
    }
  }

  // Index of the brace that closes the one at `open`, or the end of the text.
  std::size_t closingBrace(std::size_t open) const {
    int depth = 0;
    for (std::size_t i = open; i < text_.size(); ++i) {
      if (text_[i] == '\\') {
        ++i;
      } else if (text_[i] == '{') {
        ++depth;
      } else if (text_[i] == '}' && --depth == 0) {
        return i;
      }
    }
    return text_.size();
  }

  void skipArgument() {
    while (at_ < text_.size() && isBlank(text_[at_])) ++at_;
    if (at_ >= text_.size()) return;
    at_ = text_[at_] == '{' ? std::min(closingBrace(at_) + 1, text_.size()) : at_ + 1;
  }

  // \text{…}: words, "and" between members, or a value in disguise ("\text{5 cm}", "\mathrm{x}").
  void lexText(bool isOperator) {
    while (at_ < text_.size() && isBlank(text_[at_])) ++at_;
    if (at_ >= text_.size() || text_[at_] != '{') return;
    const std::size_t close = closingBrace(at_);
    const std::string_view inner = trim(text_.substr(at_ + 1, close - at_ - 1));
    const std::string words = normaliseWords(inner);
    const bool disguised =
        isOperator || (!inner.empty() && (isDigit(inner.front()) || inner.front() == '-' || inner.front() == '\\' ||
                                          inner.front() == '(' || inner.find(',') != std::string_view::npos));
    const bool afterValue = !tokens_.empty() && tokens_.back().type == Token::number;
    if (disguised || (inner.size() == 1 && !afterValue)) {
      // The text's own braces become blanks; what is inside is read as if it were outside.
      ++at_;
      textEnds_.push_back(close);
      const std::string_view whole = text_;
      text_ = whole.substr(0, close);
      while (at_ < text_.size() && tokens_.size() <= kMaxTokens && textEnds_.size() < 8) step();
      text_ = whole;
      textEnds_.pop_back();
    } else if (words == "and" || words == "or") {
      addComma("and");
    } else if (!words.empty()) {
      add(Token::word, words);
    }
    at_ = std::min(close + 1, text_.size());
  }

  std::string_view text_;
  Commas commas_;
  std::size_t at_ = 0;
  int brackets_ = 0;
  bool blank_ = false;
  std::vector<std::size_t> textEnds_;
  std::vector<Token> tokens_;
};

}  // namespace

std::optional<std::vector<Token>> lex(std::string_view text, Commas commas) {
  if (text.size() > kMaxAnswerBytes) return std::nullopt;
  const std::string plain = withLatexSigns(text);
  return Lexer(plain, commas).run();
}

}  // namespace polar
