#include "cli/stage_record.h"

#include <nlohmann/json.hpp>

#include "support/process_file.h"
#include "support/error.h"
#include "support/files.h"

namespace polar {
namespace {

namespace fs = std::filesystem;

fs::path recordFile(const fs::path& runFolder, const std::string& stage) { return runFolder / (stage + ".keys.json"); }

nlohmann::json readRecord(const fs::path& file) {
  nlohmann::json json = nlohmann::json::parse(readFile(file), nullptr, false);
  bool whole = json.is_object() && json.contains("keys") && json["keys"].is_object() && json.contains("done") &&
               json["done"].is_boolean();
  if (whole)
    for (const auto& value : json["keys"]) whole = whole && value.is_string();
  if (!whole) throw InputError(file.string(), "no stage record", "JSON with keys and done", "start anew with --fresh");
  return json;
}

std::string differences(const nlohmann::json& before, const std::map<std::string, std::string>& now) {
  std::string text;
  for (const auto& [key, value] : now) {
    const auto found = before.find(key);
    const std::string old = found != before.end() ? found->get<std::string>() : "(absent)";
    if (old != value) text += (text.empty() ? "" : "; ") + key + ": " + old + " → " + value;
  }
  for (const auto& [key, value] : before.items())
    if (!now.contains(key)) text += (text.empty() ? "" : "; ") + key + ": no longer set";
  return text;
}

}  // namespace

StageRecord StageRecord::stored(const fs::path& runFolder, const std::string& stage) {
  const fs::path file = recordFile(runFolder, stage);
  if (!fs::exists(file))
    throw InputError(file.string(), "no such file", "the record of a run's " + stage, "run polar " + stage + " first");
  return StageRecord(runFolder, stage, readRecord(file).at("keys").get<std::map<std::string, std::string>>());
}

StageRecord::StageRecord(fs::path runFolder, std::string stage, std::map<std::string, std::string> keys)
    : file_(recordFile(runFolder, stage)), keys_(std::move(keys)) {
  // Of several shards that start at once one makes the record; the others are held to it.
  if (!fs::exists(file_) && createSharedFile(file_, text())) return;
  const nlohmann::json json = readRecord(file_);
  const std::string differing = differences(json["keys"], keys_);
  if (!differing.empty())
    throw InputError(runFolder.string(), "results of `" + stage + "` made with other settings (" + differing + ")",
                     "the same settings", "use another name=, or --fresh to start this stage anew");
  done_ = json["done"].get<bool>();
}

void StageRecord::markDone() {
  done_ = true;
  writeFileAtomically(file_, text());
}

void StageRecord::remove(const fs::path& runFolder, const std::string& stage) {
  std::error_code ignored;
  fs::remove(recordFile(runFolder, stage), ignored);
}

std::string StageRecord::text() const { return nlohmann::json{{"keys", keys_}, {"done", done_}}.dump(1) + "\n"; }

}  // namespace polar
