// The name of a policy in a record: a family, and after "@" what distinguishes its members: "value@price=0.2,seed=3".
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace polar {

struct PolicyName {
  std::string family;           // "value": one colour in all figures
  std::string variant;          // "value@price=0.2": the name without its seed; what seeds are averaged over
  std::optional<double> price;  // of a layer: members with prices are points of one curve
  std::optional<std::int64_t> seed;
};

// Any text is a name: what is not "key=value" after the "@" only distinguishes members.
PolicyName parsePolicyName(const std::string& name);

}  // namespace polar
