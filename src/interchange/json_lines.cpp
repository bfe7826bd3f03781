#include "interchange/json_lines.h"

#include <cstdio>
#include <iostream>

#include "support/error.h"
#include "support/json.h"
#include "support/output.h"
#include "support/printable.h"

namespace polar {
namespace {

constexpr std::size_t kMostOfLine = std::size_t{64} << 20;

// Up to the next line break or the end. A device may never have either.
void takeLine(std::istream& in, std::string& text, const std::string& where) {
  text.clear();
  for (char c; in.get(c) && c != '\n'; text += c)
    if (text.size() == kMostOfLine)
      throw InputError(where, "more than " + std::to_string(kMostOfLine) + " bytes without a line break",
                       "a JSON object a line");
}

}  // namespace

void forEachJsonLine(std::istream& in, const std::function<void(const nlohmann::json&, const std::string&)>& use) {
  std::string text;
  for (int number = 1; in.good(); ++number) {
    const std::string where = "stdin:" + std::to_string(number);
    takeLine(in, text, where);
    if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
    const nlohmann::json line = parseJson(text, where, "a JSON object");
    if (!line.is_object()) throw InputError(where, "'" + printable(text, 40) + "'", "a JSON object");
    use(line, where);
  }
  // std::cin sees the end of a stream where reading failed.
  if (in.bad() || (&in == &std::cin && std::ferror(stdin) != 0))
    throw InputError("stdin", "that it cannot be read", "JSON lines");
}

std::string textMember(const nlohmann::json& line, const char* key, const std::string& where,
                       const std::optional<std::string>& otherwise) {
  const auto found = line.find(key);
  if (found == line.end() && otherwise) return *otherwise;
  if (found == line.end() || !found->is_string())
    throw InputError(where + ": " + key, found == line.end() ? "no such member" : "no string", "a string");
  return found->get<std::string>();
}

void printJsonLine(const nlohmann::ordered_json& line) {
  writeOutput(line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

}  // namespace polar
