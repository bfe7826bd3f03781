#include "cli/stage_record.h"

#include <nlohmann/json.hpp>

#include "support/error.h"
#include "support/files.h"

namespace polar {
namespace {

namespace fs = std::filesystem;

fs::path recordFile(const fs::path& runFolder, const std::string& stage) { return runFolder / (stage + ".keys.json"); }

std::string differences(const nlohmann::json& before, const std::map<std::string, std::string>& now) {
  std::string text;
  for (const auto& [key, value] : now) {
    const auto found = before.find(key);
    const std::string old = found != before.end() && found->is_string() ? found->get<std::string>() : "(absent)";
    if (old != value) text += (text.empty() ? "" : "; ") + key + ": " + old + " → " + value;
  }
  for (const auto& [key, value] : before.items())
    if (!now.contains(key)) text += (text.empty() ? "" : "; ") + key + ": no longer set";
  return text;
}

}  // namespace

StageRecord::StageRecord(fs::path runFolder, std::string stage, std::map<std::string, std::string> keys)
    : file_(recordFile(runFolder, stage)), keys_(std::move(keys)) {
  if (!fs::exists(file_)) {
    write();
    return;
  }
  const auto json = nlohmann::json::parse(readFile(file_), nullptr, false);
  if (!json.is_object() || !json.contains("keys") || !json["keys"].is_object() || !json.contains("done") ||
      !json["done"].is_boolean())
    throw InputError(file_.string(), "no stage record", "JSON with keys and done", "start anew with --fresh");
  const std::string differing = differences(json["keys"], keys_);
  if (!differing.empty())
    throw InputError(runFolder.string(), "results of `" + stage + "` made with other settings (" + differing + ")",
                     "the same settings", "use another name=, or --fresh to start this stage anew");
  done_ = json["done"].get<bool>();
}

void StageRecord::markDone() {
  done_ = true;
  write();
}

void StageRecord::remove(const fs::path& runFolder, const std::string& stage) {
  std::error_code ignored;
  fs::remove(recordFile(runFolder, stage), ignored);
}

void StageRecord::write() const {
  writeFileAtomically(file_, nlohmann::json{{"keys", keys_}, {"done", done_}}.dump(1) + "\n");
}

}  // namespace polar
