#include "stages/run_folder.h"

#include "stages/run_removal.h"
#include "support/error.h"

namespace polar {

namespace fs = std::filesystem;

RunPaths::RunPaths(const fs::path& folder)
    : run(folder), config(folder / "config.yaml"), labelParts(folder / "labels"), labels(folder / "labels.h5"),
      oracleParts(folder / "oracle"), oracle(folder / "oracle.h5"), predictor(folder / "predictor"),
      eval(folder / "eval"), report(folder / "report") {}

void prepareRun(const RunPaths& paths, Stage stage, Start start, RunLock& lock) {
  if (start == Start::fresh) requireRemovable(paths);
  lock.claim();
  if (start == Start::fresh) removeStage(paths, stage);
}

StageRecord recordOf(const RunPaths& paths, const std::string& name, StageKeys keys, Start start) {
  return start == Start::fresh ? StageRecord::anew(paths.run, name, std::move(keys))
                               : StageRecord(paths.run, name, std::move(keys));
}

LabelFile requireLabels(const fs::path& file, const std::string& command) {
  if (!fs::exists(file))
    throw InputError(file.string(), "no such file", "the labels of a finished search",
                     "run polar " + command + " first");
  return readLabels(file);
}

}  // namespace polar
