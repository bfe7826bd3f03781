#include "support/command_line.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace polar {
namespace {

std::vector<std::string>& words() {
  static std::vector<std::string> kept{"polar"};
  return kept;
}

std::string quotedWord(const std::string& word) {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:=,+@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

bool isOption(const std::string& word, std::string_view option) {
  return word == option || word.starts_with(std::string(option) + "=");
}

}  // namespace

void keepCommandLine(int count, const char* const* arguments) {
  words() = {"polar"};
  for (int i = 1; i < count; ++i) words().emplace_back(arguments[i]);
}

std::string commandLine() {
  std::string text;
  for (const std::string& word : words()) text += (text.empty() ? "" : " ") + quotedWord(word);
  return text;
}

std::string commandName() { return words().size() > 1 ? "polar " + quotedWord(words()[1]) : "polar"; }

std::string freshCommand(const std::string& stage) {
  constexpr std::array<std::string_view, 4> kStages = {"run", "search", "train", "eval"};
  const std::vector<std::string>& given = words();
  if (given.size() < 3 || std::ranges::find(kStages, given[1]) == kStages.end())
    return "polar " + stage + " CONFIG --fresh";
  std::string text = "polar " + stage;
  for (std::size_t i = 2; i < given.size(); ++i) {
    if (given[i] == "--shard" || given[i] == "--verify")
      ++i;  // and its value
    else if (!isOption(given[i], "--shard") && !isOption(given[i], "--verify") && given[i] != "--fresh")
      text += " " + quotedWord(given[i]);
  }
  return text + " --fresh";
}

}  // namespace polar
