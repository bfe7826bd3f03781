// JSON that others wrote: the one way in, for every file and every line of one.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace polar {

// No file that Polar knows nests deeper, and code that walks through such a value would need a stack as deep.
inline constexpr std::size_t kJsonDepth = 64;
// A value takes 16 to 80 bytes: a few gigabytes at most.
inline constexpr std::size_t kJsonValues = std::size_t{1} << 26;

// The value that the text holds; Json is nlohmann::json or nlohmann::ordered_json. InputError (where,
// …, expected, mend) on text that is no JSON, on an object with a key twice (of which readers silently
// keep one), on a number that is too large, and beyond kJsonDepth and kJsonValues.
template <typename Json>
Json parseJsonAs(std::string_view text, const std::string& where, const std::string& expected,
                 const std::string& mend = "");

nlohmann::json parseJson(std::string_view text, const std::string& where, const std::string& expected,
                         const std::string& mend = "");

}  // namespace polar
