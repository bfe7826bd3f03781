#include "grading/parser.h"

#include <algorithm>
#include <utility>

#include "grading/characters.h"
#include "grading/latex_names.h"
#include "grading/token_cursor.h"
#include "grading/values.h"

namespace polar {
namespace {

constexpr int kMaxDepth = 120;

struct TooDeep {};

Expression node(Kind kind, std::vector<Expression> parts, std::string name = "") {
  return {kind, std::move(name), std::move(parts)};
}

Expression integer(const std::string& digits) { return {Kind::number, digits, {}}; }

bool isWhole(const Expression& value) {
  return value.kind == Kind::number && std::all_of(value.name.begin(), value.name.end(), isDigit);
}

class Parser : private TokenCursor {
 public:
  explicit Parser(std::vector<Token> tokens) : TokenCursor(std::move(tokens)) {}

  Expression run() {
    if (peek().type == Token::word) return words();
    Expression answer = list();
    if (peek().type != Token::end) throw Unreadable();
    return answer;
  }

 private:
  // Recursion is counted so that brackets without end cannot exhaust the stack.
  class Level {
   public:
    explicit Level(int& depth) : depth_(depth) {
      if (++depth_ > kMaxDepth) throw TooDeep();
    }
    ~Level() { --depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    int& depth_;
  };

  // An answer that begins with a word is words throughout: "They are equal", "June 20", "red, blue"; but "area = 5" and
  // "MR = SRMC" say what a word means.
  Expression words() {
    std::vector<Expression> members = {Expression{Kind::text, "", {}}};
    while (peek().type != Token::end) {
      if (members.size() == 1 && takeMark("=")) {
        Expression value = peek().type == Token::word ? words() : list();
        if (peek().type != Token::end) throw Unreadable();
        return node(Kind::relation, {std::move(members.front()), std::move(value)}, "=");
      }
      const Token token = take();
      if (token.type == Token::command || token.type == Token::mark) throw Unreadable();
      std::string& text = members.back().name;
      if (token.type != Token::comma) {
        text += (text.empty() ? "" : " ") + token.text;
      } else if (!text.empty()) {
        members.push_back({Kind::text, "", {}});
      }
    }
    if (members.size() == 1) return std::move(members.front());
    return node(Kind::list, std::move(members));
  }

  Expression list() {
    Level level(depth_);
    std::vector<Expression> members = {relation()};
    while (peek().type == Token::comma) {
      take();
      members.push_back(relation());
    }
    if (members.size() == 1) return std::move(members.front());
    return node(Kind::list, std::move(members));
  }

  Expression relation() {
    Expression left = unionOf();
    for (;;) {
      const bool sign = peek().type == Token::mark || peek().type == Token::command;
      const std::string_view name = sign ? relationName(peek().text) : "";
      if (name.empty()) return left;
      take();
      Expression right = peek().type == Token::word ? words() : unionOf();
      left = node(Kind::relation, {std::move(left), std::move(right)}, std::string(name));
    }
  }

  Expression unionOf() {
    std::vector<Expression> members = {ratio()};
    while (isCommand("cup") || isCommand("union")) {
      take();
      members.push_back(ratio());
    }
    if (members.size() == 1) return std::move(members.front());
    return node(Kind::unionOf, std::move(members));
  }

  Expression ratio() {
    std::vector<Expression> members = {sum()};
    while (takeMark(":")) members.push_back(sum());
    if (members.size() == 1) return std::move(members.front());
    return node(Kind::ratio, std::move(members), halfOfDay_);
  }

  Expression sum() {
    Expression total;
    if (takeMark("+")) {
      total = product();
    } else if (takeMark("-")) {
      total = node(Kind::negative, {product()});
    } else if (isCommand("pm")) {
      take();
      total = node(Kind::plusMinus, {integer("0"), product()});
    } else {
      total = product();
    }
    for (;;) {
      if (takeMark("+")) {
        append(total, product());
      } else if (takeMark("-")) {
        append(total, node(Kind::negative, {product()}));
      } else if (isCommand("pm")) {
        take();
        total = node(Kind::plusMinus, {std::move(total), product()});
      } else {
        return total;
      }
    }
  }

  static void append(Expression& total, Expression term) {
    if (total.kind != Kind::sum) total = node(Kind::sum, {std::move(total)});
    total.parts.push_back(std::move(term));
  }

  Expression product() {
    Level level(depth_);
    Expression value = factor();
    for (;;) {
      if (takeMark("*") || takeCommand({"cdot", "times", "ast"})) {
        value = node(Kind::product, {std::move(value), factor()});
      } else if (takeMark("/") || takeCommand({"div"})) {
        value = node(Kind::quotient, {std::move(value), factor()});
      } else if (takeUnit()) {
        continue;
      } else if (startsFactor()) {
        // "3 4" is not a product; "2 1/2" is a mixed number and read in base().
        if (peek().type == Token::number && endsInNumber_) throw Unreadable();
        value = node(Kind::product, {std::move(value), factor()});
      } else {
        return value;
      }
    }
  }

  // "cm", "square units", "^2" after either, "/h", "per hour"; a.m. and p.m. are kept for the ratio.
  bool takeUnit() {
    if (peek().type != Token::word) return false;
    const std::string text = take().text;
    if (text == "am" || text == "a.m" || text == "pm" || text == "p.m") halfOfDay_ = std::string{text[0], 'm'};
    if (takeMark("^")) argument();
    const bool per = isMark("/") && (peek(1).type == Token::word || peek(1).type == Token::symbol);
    if (per) at_ += peek(1).type == Token::word ? 1 : 2;  // "km/h", "miles/hour"
    return true;
  }

  bool startsFactor() const {
    const Token& next = peek();
    if (next.type == Token::number || next.type == Token::symbol) return true;
    if (next.type == Token::mark) return next.text == "(" || next.text == "[" || next.text == "{" || next.text == "\\{";
    if (next.type != Token::command) return false;
    return relationName(next.text).empty() && !isInfixCommand(next.text) && !isUnreadCommand(next.text);
  }

  Expression factor() {
    Level level(depth_);
    if (takeMark("-")) return node(Kind::negative, {factor()});
    if (takeMark("+")) return factor();
    const bool number = peek().type == Token::number;
    Expression value = base();
    for (;;) {
      endsInNumber_ = number;  // what was in arguments does not count
      if (takeMark("^")) {
        value = raised(std::move(value));
      } else if (takeMark("!")) {
        value = node(Kind::factorial, {std::move(value)});
      } else if (takeMark("%")) {
        value = node(Kind::percent, {std::move(value)});
      } else if (takeCommand({"degree", "deg"})) {
        value = node(Kind::degrees, {std::move(value)});
      } else if (takeMark("'") || takeCommand({"prime"})) {
        value = primed(std::move(value));
      } else {
        return value;
      }
    }
  }

  static Expression primed(Expression symbol) {
    if (symbol.kind != Kind::symbol) throw Unreadable();
    symbol.name += '\'';
    return symbol;
  }

  // What follows "^": a power, or the signs that LaTeX writes up there.
  Expression raised(Expression value) {
    const bool group = isMark("{");
    const std::size_t ahead = group ? 1 : 0;
    const bool alone = !group || isMark("}", 2);
    if (peek(ahead).type == Token::command && alone) {
      const std::string name = peek(ahead).text;
      if (name == "circ" || name == "degree" || name == "prime") {
        at_ += group ? 3 : 1;
        return name == "prime" ? primed(std::move(value)) : node(Kind::degrees, {std::move(value)});
      }
    }
    return node(Kind::power, {std::move(value), argument()});
  }

  // {…}, or one token: LaTeX's argument. Numbers are taken whole here ("2^10"), but by digits after \frac.
  Expression argument() {
    Level level(depth_);
    if (takeMark("{")) {
      Expression inner = list();
      expectMark("}");
      return inner;
    }
    if (takeMark("-")) return node(Kind::negative, {argument()});
    if (peek().type == Token::number) return integer(take().text);
    if (peek().type == Token::symbol || peek().type == Token::command || isMark("(")) return base();
    throw Unreadable();
  }

  Expression fractionArgument() {
    Token& token = tokens_[at_];
    if (token.type == Token::number && token.text.size() > 1 && isDigit(token.text[1])) {
      const std::string digit = token.text.substr(0, 1);
      token.text.erase(0, 1);
      return integer(digit);
    }
    return argument();
  }

  Expression base() {
    Level level(depth_);
    if (takeMark("(")) return bracketed("(", {")", "]"});
    if (takeMark("[")) return bracketed("[", {"]", ")"});
    if (takeMark("\\{")) return set();
    if (takeMark("{")) {
      Expression inner = list();
      expectMark("}");
      return inner;
    }
    switch (peek().type) {
      case Token::number:
        return numberBase();
      case Token::symbol:
        return symbol(take().text);
      case Token::command:
        return commandBase(take().text);
      default:
        throw Unreadable();
    }
  }

  Expression bracketed(const std::string& open, std::initializer_list<std::string_view> closers) {
    Expression inner = list();
    for (const std::string_view closer : closers) {
      if (!takeMark(closer)) continue;
      if (inner.kind != Kind::list) return inner;
      inner.kind = Kind::tuple;
      inner.name = open + std::string(closer);
      return inner;
    }
    throw Unreadable();
  }

  Expression set() {
    if (takeMark("\\}")) return node(Kind::list, {});
    Expression inner = list();
    expectMark("\\}");
    if (inner.kind == Kind::list) return inner;
    return node(Kind::list, {std::move(inner)});
  }

  Expression numberBase() {
    Expression value = integer(take().text);
    if (takeMark("_")) return node(Kind::based, {argument()}, value.name);
    if (!isWhole(value)) return value;
    if (peek().type == Token::command && (peek().text == "frac" || peek().text == "dfrac" || peek().text == "tfrac")) {
      const std::size_t before = at_;
      const std::vector<Token> saved(tokens_.begin() + static_cast<std::ptrdiff_t>(at_), tokens_.end());
      Expression part = commandBase(take().text);
      if (isWhole(part.parts[0]) && isWhole(part.parts[1])) return mixed(std::move(value), std::move(part));
      std::copy(saved.begin(), saved.end(), tokens_.begin() + static_cast<std::ptrdiff_t>(before));
      at_ = before;
    } else if (peek().type == Token::number && isMark("/", 1) && peek(2).type == Token::number) {
      Expression top = integer(take().text);
      take();
      Expression bottom = integer(take().text);
      if (!isWhole(top) || !isWhole(bottom)) throw Unreadable();
      return mixed(std::move(value), node(Kind::quotient, {std::move(top), std::move(bottom)}));
    }
    return value;
  }

  static Expression mixed(Expression whole, Expression part) {
    return node(Kind::sum, {std::move(whole), std::move(part)});
  }

  // The name of a symbol with its subscript: "C_{1}", "lambda_{red}".
  Expression subscripted(std::string name) {
    if (takeMark("_")) {
      name += "_{";
      if (takeMark("{")) {
        for (int open = 1;;) {
          if (peek().type == Token::end) throw Unreadable();
          if (isMark("{")) ++open;
          if (isMark("}") && --open == 0) break;
          name += take().text;
        }
        take();
      } else if (peek().type != Token::end) {
        name += take().text;
      }
      name += '}';
    }
    return {Kind::symbol, std::move(name), {}};
  }

  // f(3) is a value of its own, not 3 times f (SymPy writes f{(3)}), and I(0) is not 0.
  Expression symbol(const std::string& name) {
    const bool function = name == "f" || name == "g";
    Expression value = function ? Expression{Kind::symbol, name, {}} : subscripted(name);
    const std::size_t open = isMark("{") ? 1 : 0;
    const bool atZero = peek(open + 1).text == "0" && isMark(")", open + 2) && !isConstantName(name);
    if (!isMark("(", open) || !(function || atZero)) return function ? subscripted(name) : value;
    at_ += open;
    value = application(value.name);
    if (open > 0) expectMark("}");
    return value;
  }

  Expression application(std::string name) {
    int open = 0;
    do {
      if (peek().type == Token::end) throw Unreadable();
      if (isMark("(")) ++open;
      if (isMark(")")) --open;
      name += take().text;
    } while (open > 0);
    return {Kind::symbol, std::move(name), {}};
  }

  Expression commandBase(const std::string& name) {
    if (name == "frac" || name == "dfrac" || name == "tfrac" || name == "cfrac") {
      Expression top = fractionArgument();
      Expression bottom = fractionArgument();
      return node(Kind::quotient, {std::move(top), std::move(bottom)});
    }
    if (name == "sqrt") return root();
    if (name == "binom" || name == "dbinom" || name == "tbinom") {
      Expression n = fractionArgument();
      Expression k = fractionArgument();
      return node(Kind::function, {std::move(n), std::move(k)}, "binom");
    }
    if (name == "begin") return matrix();
    if (name == "infty" || name == "infinity" || name == "inf") return {Kind::symbol, "infinity", {}};
    if (name == "emptyset" || name == "varnothing") return node(Kind::list, {});
    if (isFunctionName(name)) return function(name);
    if (isAccentCommand(name)) {
      return subscripted(name + "{" + rawGroup() + "}");
    }
    if (isUnreadCommand(name) || isInfixCommand(name)) throw Unreadable();
    return subscripted(name.rfind("var", 0) == 0 ? name.substr(3) : name);
  }

  Expression root() {
    Expression degree = integer("2");
    if (takeMark("[")) {
      degree = sum();
      expectMark("]");
    }
    Expression radicand = argument();
    return node(Kind::root, {std::move(radicand), std::move(degree)});
  }

  // \sin x, \sin^2 x, \log_2 8, \sin(2x), \sin 2x: the argument runs to the next sum, function or bracketed factor.
  Expression function(const std::string& name) {
    std::vector<Expression> arguments;
    Expression power;
    bool raisedTo = false;
    if (name == "log" && takeMark("_")) arguments.push_back(argument());
    if (takeMark("^")) {
      power = argument();
      raisedTo = true;
    }
    arguments.insert(arguments.begin(), functionArgument());
    Expression value = node(Kind::function, std::move(arguments), name);
    if (raisedTo) return node(Kind::power, {std::move(value), std::move(power)});
    return value;
  }

  Expression functionArgument() {
    if (isMark("(") || isMark("{") || isMark("[")) return base();
    Expression value = factor();
    while (startsFactor() && !isMark("(") && !(peek().type == Token::command && isFunctionName(peek().text))) {
      value = node(Kind::product, {std::move(value), factor()});
    }
    if (isMark("/")) {
      take();
      value = node(Kind::quotient, {std::move(value), factor()});
    }
    return value;
  }

  // The text of a {…} without braces inside: an environment's name.
  std::string rawGroup() {
    expectMark("{");
    std::string name;
    while (!isMark("}")) {
      if (peek().type == Token::end) throw Unreadable();
      name += take().text;
    }
    take();
    return name;
  }

  Expression matrix() {
    const std::string environment = rawGroup();
    if (environment.find("matrix") == std::string::npos && environment != "array") throw Unreadable();
    if (environment == "array") rawGroup();
    std::vector<Expression> cells;
    std::size_t rows = 1;
    std::size_t columns = 0;
    for (std::size_t column = 1;;) {
      cells.push_back(relation());
      if (takeMark("&")) {
        ++column;
        continue;
      }
      if (columns != 0 && column != columns) throw Unreadable();
      columns = column;
      column = 1;
      const bool more = takeCommand({"\\"});
      if (takeCommand({"end"})) break;
      if (!more) throw Unreadable();
      ++rows;
    }
    if (rawGroup() != environment) throw Unreadable();
    const std::string bars = environment == "vmatrix" || environment == "Vmatrix" ? "|" : "";
    return node(Kind::matrix, std::move(cells), std::to_string(rows) + "x" + std::to_string(columns) + bars);
  }

  int depth_ = 0;
  bool endsInNumber_ = false;
  std::string halfOfDay_;
};

}  // namespace

Parsed parseAnswer(std::string_view text, Commas commas) {
  auto tokens = lex(text, commas);
  if (!tokens) return {Parsed::tooLarge, {}};
  try {
    return {Parsed::tree, Parser(std::move(*tokens)).run()};
  } catch (const Unreadable&) {
    return {Parsed::unreadable, {}};
  } catch (const TooDeep&) {
    return {Parsed::tooLarge, {}};
  }
}

}  // namespace polar
