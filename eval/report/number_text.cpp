#include "eval/report/number_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace polar {

std::string fixed(double value, int digits) {
  if (!std::isfinite(value)) return std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf";
  std::array<char, 400> buffer;  // the longest double has 309 digits before the point
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed,
                                    std::min(digits, 20));
  std::string text(buffer.data(), result.ptr);
  if (text.starts_with('-') && text.find_first_not_of("-0.") == std::string::npos) text.erase(0, 1);
  return text;
}

std::string shortest(double value) {
  std::array<char, 40> buffer;
  return std::string(buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr);
}

std::string percent(double share) { return fixed(100 * share, 1); }

std::string points(double difference) {
  const std::string text = fixed(100 * difference, 1);
  return text.starts_with('-') || text == "0.0" ? text : "+" + text;
}

std::string percentInterval(const Interval& interval) {
  return "[" + percent(interval.low) + ", " + percent(interval.high) + "]";
}

std::string pointsInterval(const Interval& interval) {
  return "[" + points(interval.low) + ", " + points(interval.high) + "]";
}

std::string pValue(double p) { return p < 0.001 ? "<0.001" : fixed(p, 3); }

std::string confidenceText(double confidence) {
  std::string text = fixed(100 * confidence, 2);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text + " %";
}

}  // namespace polar
