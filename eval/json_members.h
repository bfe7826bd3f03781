// Reading JSON that Polar wrote: a member that is missing, of
// another type or out of range is one InputError that names it.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "support/error.h"

namespace polar {

using Json = nlohmann::ordered_json;

// On one line; bytes that are no UTF-8 become U+FFFD.
inline std::string jsonLine(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

// Reads members of one object; `where` names it in messages ("eval/test.json: policies[0].rows[3]").
class Members {
 public:
  // mend: what helps where a member is wrong.
  Members(const Json& json, std::string where, std::string mend)
      : json_(json), where_(std::move(where)), mend_(std::move(mend)) {
    if (!json.is_object()) refuse(where_, json, "an object");
  }

  const std::string& where() const { return where_; }

  std::string text(const char* key) const {
    const Json& value = member(key);
    if (!value.is_string()) refuse(path(key), value, "a string");
    return value.get<std::string>();
  }

  bool flag(const char* key) const {
    const Json& value = member(key);
    if (!value.is_boolean()) refuse(path(key), value, "true or false");
    return value.get<bool>();
  }

  // A whole number from 0 to `most`.
  std::int64_t count(const char* key, std::int64_t most = std::numeric_limits<std::int64_t>::max()) const {
    const Json& value = member(key);
    // A number without a sign is stored as unsigned, so anything else is negative, a fraction or no number.
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > static_cast<std::uint64_t>(most))
      refuse(path(key), value, "a whole number from 0 to " + std::to_string(most));
    return value.get<std::int64_t>();
  }

  int smallCount(const char* key) const { return static_cast<int>(count(key, std::numeric_limits<int>::max())); }

  std::optional<int> level(const char* key) const {
    const Json& value = member(key);
    if (value.is_null()) return std::nullopt;
    if (!value.is_number_integer() || value.get<double>() < -1e9 || value.get<double>() > 1e9)
      refuse(path(key), value, "a whole number or null");
    return value.get<int>();
  }

  // Members that a record may leave out.
  std::optional<double> number(const char* key) const {
    const auto found = json_.find(key);
    if (found == json_.end()) return std::nullopt;
    if (!found->is_number() || !std::isfinite(found->get<double>())) refuse(path(key), *found, "a number");
    return found->get<double>();
  }

  std::optional<std::int64_t> wholeNumber(const char* key) const {
    if (!json_.contains(key)) return std::nullopt;
    return count(key);
  }

  std::string textIfAny(const char* key) const { return json_.contains(key) ? text(key) : ""; }

  const Json& list(const char* key) const {
    const Json& value = member(key);
    if (!value.is_array()) refuse(path(key), value, "a list");
    return value;
  }

  // A list of objects, each read by `read`.
  template <typename Read>
  auto each(const char* key, Read read) const {
    std::vector<decltype(read(*this))> all;
    for (const Json& value : list(key))
      all.push_back(read(Members(value, path(key) + "[" + std::to_string(all.size()) + "]", mend_)));
    return all;
  }

  template <typename Read>
  auto eachIfAny(const char* key, Read read) const {
    return json_.contains(key) ? each(key, read) : decltype(each(key, read))();
  }

  const Json& member(const char* key) const {
    const auto found = json_.find(key);
    if (found == json_.end()) throw InputError(where_, "no member '" + std::string(key) + "'", "one", mend_);
    return *found;
  }

  std::string path(const char* key) const { return where_ + "." + key; }

  [[noreturn]] void refuse(const std::string& where, const Json& value, const std::string& expected) const {
    std::string found = jsonLine(value);
    if (found.size() > 60) found = found.substr(0, 57) + "...";
    throw InputError(where, found, expected, mend_);
  }

 private:
  const Json& json_;
  std::string where_, mend_;
};

}  // namespace polar
