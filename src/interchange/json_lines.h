// JSON lines in and out, for commands that scripts drive.
#pragma once

#include <functional>
#include <istream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace polar {

// Calls `use` for each non-blank line with its parsed object and "stdin:LINE". InputError on a line that is no object.
void forEachJsonLine(std::istream& in, const std::function<void(const nlohmann::json&, const std::string&)>& use);

// A string member; `otherwise` where it is absent (InputError where that is not given).
std::string textMember(const nlohmann::json& line, const char* key, const std::string& where,
                       const std::optional<std::string>& otherwise = std::nullopt);

// One line on stdout (support/output.h). Bytes that are not UTF-8 are written as U+FFFD.
void printJsonLine(const nlohmann::ordered_json& line);

}  // namespace polar
