#include "eval/set_journal.h"

#include <algorithm>
#include <sstream>

#include "eval/origin_json.h"
#include "eval/row_json.h"
#include "support/files.h"
#include "support/json.h"

namespace polar {
namespace {

constexpr const char* kMendJournal = "remove this file; the same command then runs its questions again";

std::vector<std::string> keysOf(const Members& header) {
  std::vector<std::string> keys;
  for (const Json& key : header.list("policies")) {
    if (!key.is_string()) header.refuse(header.path("policies"), key, "a list of strings");
    keys.push_back(key.get<std::string>());
  }
  return keys;
}

}  // namespace

SetJournal::SetJournal(const std::filesystem::path& file, const std::vector<Example>& examples,
                       const std::vector<std::string>& policies, const Origin& origin)
    : file_(file), lines_(file), policies_(policies.size()), taken_(policies.size()) {
  std::istringstream lines(readFile(file));
  std::vector<std::string> header;
  for (std::string line; std::getline(lines, line);) {
    Json json;
    try {
      json = parseJsonAs<Json>(line, file.string(), "a question's rows");
    } catch (const InputError&) {
      continue;  // a kill cut it off: its question is run again
    }
    const Members members(json, file.string(), kMendJournal);
    if (!json.contains("origin")) {
      takeRows(members, header, examples, policies);
      continue;
    }
    addOrigin(origins_, readOrigin(Members(members.member("origin"), members.path("origin"), kMendJournal)));
    header = keysOf(members);
  }
  addOrigin(origins_, origin);
  lines_.append(jsonLine(Json{{"origin", originJson(origin)}, {"policies", policies}}));
}

void SetJournal::takeRows(const Members& line, const std::vector<std::string>& header,
                          const std::vector<Example>& examples, const std::vector<std::string>& policies) {
  const auto place = static_cast<std::size_t>(line.count("place"));
  const Json& rows = line.list("rows");
  if (place >= examples.size() || rows.size() != header.size())
    throw InputError(file_.string(), "rows of another set", "those of this evaluation", kMendJournal);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].is_null()) continue;
    Row row = readRow(Members(rows[i], line.path("rows"), kMendJournal));
    if (row.exampleId != examples[place].id)
      throw InputError(file_.string(), "rows of another set", "those of this evaluation", kMendJournal);
    const auto wanted = std::ranges::find(policies, header[i]);
    if (wanted != policies.end()) taken_[static_cast<std::size_t>(wanted - policies.begin())][place] = std::move(row);
  }
}

void SetJournal::add(std::size_t place, const std::vector<std::size_t>& ran, const std::vector<Row>& rows) {
  Json json;
  json["place"] = place;
  json["rows"] = Json(Json::value_t::array);
  for (std::size_t p = 0; p < policies_; ++p) json["rows"].push_back(nullptr);
  for (std::size_t i = 0; i < ran.size(); ++i) json["rows"][ran[i]] = rowJson(rows[i]);
  const std::lock_guard lock(mutex_);
  lines_.append(jsonLine(json));
}

}  // namespace polar
