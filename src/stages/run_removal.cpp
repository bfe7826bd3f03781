#include "stages/run_removal.h"

#include <functional>
#include <regex>

#include "eval/evaluation_table.h"
#include "stages/run_lock.h"
#include "stages/stage_record.h"
#include "support/error.h"
#include "support/progress.h"

namespace polar {
namespace {

namespace fs = std::filesystem;

// The names that a stage gives its files; also ".NAME-HOST-PID.tmp" of killed writers (support/process_file.h).
const std::regex kParts(R"(part-\d{6,}\.h5|\.part-.+-\d+\.tmp)");
const std::regex kLogs(R"((labels|oracle)(\.\d+-of-\d+)?\.log\.jsonl)");
const std::regex kTrained(
    R"(\.?((predictor|value|chooser|distilled|router)\.(safetensors|json)|([a-z]+_)?(calibration\.json|log\.jsonl)))"
    R"((-.+-\d+\.tmp)?)");
const std::regex kSet(R"(\.?[A-Za-z0-9][A-Za-z0-9._-]*\.json(-.+-\d+\.tmp)?)");
const std::regex kJournal(R"([A-Za-z0-9][A-Za-z0-9._-]*\.journal\.jsonl)");
const std::regex kReported(R"(\.?(index\.html|table\.(md|tex|csv)|results\.json|[a-z0-9_]+\.vl\.json)(-.+-\d+\.tmp)?)");
const std::regex kSeedFolder(R"(seed-\d+)");

bool isFolder(const fs::path& path) { return fs::symlink_status(path).type() == fs::file_type::directory; }

bool isNamed(const fs::path& file, const std::regex& names) {
  return !isFolder(file) && std::regex_match(file.filename().string(), names);
}

bool isTrained(const fs::path& file) { return isNamed(file, kTrained); }

// Any name may be a set's, so its first bytes are looked at.
bool isEvaluated(const fs::path& file) { return isNamed(file, kJournal) || (isNamed(file, kSet) && isSetResult(file)); }

// Removes the folder's files that are ours, and the folder where nothing is left in it.
void removeFrom(const fs::path& folder, const std::function<bool(const fs::path&)>& isOurs) {
  if (!isFolder(folder)) return;
  std::vector<fs::path> ours;
  std::size_t others = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (isOurs(entry.path()))
      ours.push_back(entry.path());
    else
      ++others;
  }
  for (const fs::path& file : ours) fs::remove(file);
  if (others == 0)
    fs::remove(folder);
  else
    logLine(folder.string() + ": " + std::to_string(others) + " file(s) that Polar did not write stay there");
}

void removeTrained(const fs::path& predictor) {
  if (!isFolder(predictor)) return;
  std::vector<fs::path> seeds;
  for (const auto& entry : fs::directory_iterator(predictor))
    if (isFolder(entry.path()) && std::regex_match(entry.path().filename().string(), kSeedFolder))
      seeds.push_back(entry.path());
  for (const fs::path& seed : seeds) removeFrom(seed, isTrained);
  removeFrom(predictor, isTrained);
}

void removeLogs(const fs::path& run) {
  std::vector<fs::path> logs;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(run, none))
    if (isNamed(entry.path(), kLogs)) logs.push_back(entry.path());
  for (const fs::path& log : logs) fs::remove(log, none);
}

// A labels.h5 without the record of a search was imported: it is not this stage's to remove.
void removeLabels(const fs::path& run, const std::string& stage, const fs::path& parts, const fs::path& labels) {
  const bool searched = StageRecord::exists(run, stage);
  StageRecord::remove(run, stage);
  removeFrom(parts, [](const fs::path& file) { return isNamed(file, kParts); });
  if (searched) fs::remove(labels);
}

}  // namespace

void requireRemovable(const RunPaths& paths) {
  std::error_code none;
  if (!fs::exists(paths.run, none) || fs::is_empty(paths.run, none)) return;
  if (!isRunFolder(paths.run))
    throw InputError(paths.run.string(), "files, and no .polar-run or stage record among them", "the folder of a run",
                     "--fresh removes nothing outside one: use another name= or results_dir=");
  for (const fs::path& folder : {paths.labelParts, paths.oracleParts, paths.predictor, paths.eval, paths.report})
    if (fs::is_symlink(fs::symlink_status(folder)))
      throw InputError(folder.string(), "a symbolic link", "a folder of the run's own",
                       "--fresh does not follow it: remove it, or use another name=");
}

void removeStage(const RunPaths& paths, Stage stage) {
  const bool search = stage == Stage::search, train = search || stage == Stage::train;
  if (search) removeLabels(paths.run, "search", paths.labelParts, paths.labels);
  if (search) removeLabels(paths.run, "oracle", paths.oracleParts, paths.oracle);
  if (search) removeLogs(paths.run);
  if (train) StageRecord::removeAll(paths.run, "train");
  if (train) removeTrained(paths.predictor);
  StageRecord::remove(paths.run, "eval");
  removeFrom(paths.eval, isEvaluated);
  removeFrom(paths.report, [](const fs::path& file) { return isNamed(file, kReported); });
}

}  // namespace polar
