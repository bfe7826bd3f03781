// A place in an answer's tokens: what the parser looks at and takes.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "grading/lexer.h"

namespace polar {

struct Unreadable {};  // thrown where the grammar has no such answer

// tokens: as `lex` gives them, the last one `end`, which is never passed.
class TokenCursor {
 public:
  explicit TokenCursor(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  const Token& peek(std::size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
  Token take() {
    Token token = peek();
    if (token.type != Token::end) ++at_;
    return token;
  }
  bool isMark(std::string_view text, std::size_t ahead = 0) const {
    return peek(ahead).type == Token::mark && peek(ahead).text == text;
  }
  bool isCommand(std::string_view text) const { return peek().type == Token::command && peek().text == text; }
  bool takeMark(std::string_view text) {
    if (!isMark(text)) return false;
    ++at_;
    return true;
  }
  void expectMark(std::string_view text) {
    if (!takeMark(text)) throw Unreadable();
  }
  bool takeCommand(std::initializer_list<std::string_view> names) {
    if (peek().type != Token::command || std::find(names.begin(), names.end(), peek().text) == names.end())
      return false;
    take();
    return true;
  }

 protected:
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

}  // namespace polar
