// Foreign JSON, read with suspicion.
#include <nlohmann/json.hpp>
#include <set>

#include "cli/gzip.h"
#include "cli/interchange.h"
#include "support/error.h"
#include "support/files.h"

namespace polar {

using Json = nlohmann::json;

Json readForeignJson(const std::filesystem::path& file) {
  const std::string name = file.string();
  std::string text = readFile(file);
  if (isGzip(text)) text = gunzip(text, name);
  std::vector<std::set<std::string>> keys;
  const auto watch = [&](int, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second)
      throw InputError(name, "the key '" + value.get<std::string>() + "' twice in one object", "each key once",
                       "remove one of them");
    return true;
  };
  try {
    return Json::parse(text, watch);
  } catch (const Json::parse_error& error) {
    throw InputError(name, "no JSON from byte " + std::to_string(error.byte) + " on",
                     "a JSON file, or one packed as .gz", "check that it was copied whole");
  }
}

}  // namespace polar
