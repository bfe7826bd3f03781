#include "eval/set_journal.h"

#include <algorithm>
#include <sstream>

#include "eval/row_json.h"
#include "support/files.h"

namespace polar {

namespace {
constexpr const char* kMend = "remove this file; the same command then runs its questions again";
}

SetJournal::SetJournal(const std::filesystem::path& file, const std::vector<Example>& examples, std::size_t policies)
    : lines_(file) {
  std::istringstream lines(readFile(file));
  for (std::string line; std::getline(lines, line);) {
    const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object()) continue;  // a kill cut it off: its question is run again
    const Members members(json, file.string(), kMend);
    const auto place = static_cast<std::size_t>(members.count("place"));
    std::vector<Row> rows = members.each("rows", readRow);
    const bool ofThisSet = place < examples.size() && rows.size() == policies &&
                           std::ranges::all_of(rows, [&](const Row& row) { return row.exampleId == examples[place].id; });
    if (!ofThisSet)
      throw InputError(file.string(), "rows of another set or of other policies", "those of this evaluation", kMend);
    taken_[place] = std::move(rows);
  }
}

void SetJournal::add(std::size_t place, const std::vector<Row>& rows) {
  Json json;
  json["place"] = place;
  json["rows"] = Json::array();
  for (const Row& row : rows) json["rows"].push_back(rowJson(row));
  const std::lock_guard lock(mutex_);
  lines_.append(jsonLine(json));
}

}  // namespace polar
