#include "support/whole_number.h"

#include <CLI/CLI.hpp>
#include <charconv>

#include "support/printable.h"

namespace polar {

CLI::Validator wholeNumber(std::int64_t least, std::int64_t most) {
  const std::string range = "from " + std::to_string(least) + " to " + std::to_string(most);
  const auto check = [=](std::string& text) -> std::string {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool padded = text.size() > 1 && (text[0] == '0' || text.starts_with("-0"));
    if (error == std::errc() && end == text.data() + text.size() && !padded && value >= least && value <= most)
      return "";
    return "found '" + printable(text, 60) + "', expected a whole number " + range;
  };
  return CLI::Validator(check, range);
}

}  // namespace polar
