// Foreign JSON, packed or not.
#include <nlohmann/json.hpp>

#include "interchange/gzip.h"
#include "interchange/interchange.h"
#include "support/files.h"
#include "support/json.h"

namespace polar {

nlohmann::json readForeignJson(const std::filesystem::path& file) {
  const std::string name = file.string();
  std::string text = readFile(file, kMostForeignText);
  if (isGzip(text)) text = gunzip(text, name, kMostForeignText);
  return parseJson(text, name, "a JSON file, or one packed as .gz", "check that it was copied whole");
}

}  // namespace polar
