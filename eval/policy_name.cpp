#include "eval/policy_name.h"

#include <charconv>
#include <string_view>

namespace polar {
namespace {

template <typename Number>
std::optional<Number> wholeNumber(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional<Number>(number) : std::nullopt;
}

}  // namespace

PolicyName parsePolicyName(const std::string& name) {
  const std::size_t at = name.find('@');
  PolicyName parsed{name.substr(0, at), name.substr(0, at), std::nullopt, std::nullopt};
  if (at == std::string::npos) return parsed;
  std::string_view rest = std::string_view(name).substr(at + 1);
  char before = '@';
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    if (part.starts_with("seed=")) {
      parsed.seed = wholeNumber<std::int64_t>(part.substr(5));
      if (parsed.seed) continue;
    }
    if (part.starts_with("price=")) parsed.price = wholeNumber<double>(part.substr(6));
    parsed.variant += before + std::string(part);
    before = ',';
  }
  return parsed;
}

}  // namespace polar
