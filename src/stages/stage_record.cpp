#include "stages/stage_record.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "support/command_line.h"
#include "support/error.h"
#include "support/files.h"
#include "support/json.h"
#include "support/process_file.h"

namespace polar {
namespace {

namespace fs = std::filesystem;

constexpr const char* kEnding = ".keys.json";

fs::path recordFile(const fs::path& runFolder, const std::string& stage) { return runFolder / (stage + kEnding); }

// The command that starts a record's stage anew, as the user has to type it.
std::string startAnew(const std::string& stage) {
  return freshCommand(stage == "oracle" ? "search" : stage.starts_with("train") ? "train" : stage);
}

nlohmann::json readRecord(const fs::path& file, const std::string& stage) {
  const std::string expected = "JSON with keys and done", mend = "start the stage anew: " + startAnew(stage);
  nlohmann::json json = parseJson(readFile(file), file.string(), expected, mend);
  bool whole = json.is_object() && json.contains("keys") && json["keys"].is_object() && json.contains("done") &&
               json["done"].is_boolean();
  if (whole)
    for (const auto& value : json["keys"]) whole = whole && value.is_string();
  if (!whole) throw InputError(file.string(), "no stage record", expected, mend);
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
  return StageRecord(runFolder, stage, readRecord(file, stage).at("keys").get<std::map<std::string, std::string>>());
}

StageRecord::StageRecord(fs::path runFolder, std::string stage, std::map<std::string, std::string> keys)
    : StageRecord(anew(std::move(runFolder), std::move(stage), std::move(keys))) {
  if (fs::exists(file_)) readStored();
}

bool StageRecord::claim() {
  // Of several shards that start at once one makes the record; the others are held to it.
  if (!fs::exists(file_) && createSharedFile(file_, text())) return true;
  readStored();
  return false;
}

void StageRecord::readStored() {
  const nlohmann::json json = readRecord(file_, stage_);
  const std::string differing = differences(json["keys"], keys_);
  if (!differing.empty())
    throw InputError(runFolder_.string(), "results of `" + stage_ + "` made with other settings (" + differing + ")",
                     "the same settings",
                     "use another name=, or start this stage and those after it anew: " + startAnew(stage_));
  done_ = json["done"].get<bool>();
}

void StageRecord::markDone() {
  done_ = true;
  writeFileAtomically(file_, text());
}

StageRecord StageRecord::anew(fs::path runFolder, std::string stage, std::map<std::string, std::string> keys) {
  StageRecord record;
  record.file_ = recordFile(runFolder, stage);
  record.runFolder_ = std::move(runFolder);
  record.stage_ = std::move(stage);
  record.keys_ = std::move(keys);
  return record;
}

bool StageRecord::exists(const fs::path& runFolder, const std::string& stage) {
  return fs::exists(recordFile(runFolder, stage));
}

void StageRecord::removeAll(const fs::path& runFolder, const std::string& prefix) {
  std::error_code none;
  std::vector<fs::path> records;
  for (const auto& entry : fs::directory_iterator(runFolder, none)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix) && name.ends_with(kEnding)) records.push_back(entry.path());
  }
  for (const fs::path& record : records) fs::remove(record, none);
}

void StageRecord::remove(const fs::path& runFolder, const std::string& stage) {
  std::error_code ignored;
  fs::remove(recordFile(runFolder, stage), ignored);
}

std::string StageRecord::text() const { return nlohmann::json{{"keys", keys_}, {"done", done_}}.dump(1) + "\n"; }

}  // namespace polar
