#include "support/shell_word.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace polar {

std::string shellWord(const std::string& text) {
  const auto isPlain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) ||
           std::string_view("%+,-./:=@_").find(c) != std::string_view::npos;
  };
  if (!text.empty() && std::all_of(text.begin(), text.end(), isPlain)) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

std::string experimentCommand(const std::string& verb, const std::string& config,
                              const std::vector<std::string>& overrides) {
  std::string line = "polar " + verb + " " + shellWord(config);
  for (const std::string& each : overrides) line += " " + shellWord(each);
  return line;
}

}  // namespace polar
