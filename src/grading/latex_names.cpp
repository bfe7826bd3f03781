#include "grading/latex_names.h"

#include <algorithm>
#include <array>
#include <utility>

namespace polar {
namespace {

using Names = std::initializer_list<std::string_view>;

constexpr std::array<std::pair<std::string_view, std::string_view>, 19> kRelations = {{
    {"=", "="},         {"<", "<"},      {">", ">"},           {"lt", "<"},     {"gt", ">"},
    {"le", "<="},       {"leq", "<="},   {"leqslant", "<="},   {"ge", ">="},    {"geq", ">="},
    {"geqslant", ">="}, {"ne", "!="},    {"neq", "!="},        {"approx", "~"}, {"sim", "~"},
    {"in", "in"},       {"equiv", "=="}, {"Rightarrow", "=>"}, {"to", "->"},
}};

bool isOneOf(std::string_view name, Names names) { return std::find(names.begin(), names.end(), name) != names.end(); }

}  // namespace

std::string_view relationName(std::string_view sign) {
  for (const auto& [written, name] : kRelations) {
    if (written == sign) return name;
  }
  return "";
}

bool isFunctionName(std::string_view command) {
  return isOneOf(command, {"sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "ln", "log", "exp",
                           "max", "min", "gcd"});
}

bool isAccentCommand(std::string_view command) {
  return isOneOf(command, {"overline", "bar", "hat", "vec", "dot", "ddot"});
}

bool isInfixCommand(std::string_view command) {
  return isOneOf(command, {"cdot", "times", "div", "ast", "pm", "mp", "cup", "union", "cap", "\\"});
}

bool isUnreadCommand(std::string_view command) {
  return isOneOf(command, {"ldots", "dots", "cdots", "pmod", "mid", "sum", "int", "lim", "prod", "lfloor", "rfloor",
                           "lceil", "rceil", "lvert", "rvert", "end"});
}

}  // namespace polar
