// Finished runs, read for a report or for a comparison.
#pragma once

#include <vector>

#include "eval/report/report_comparison.h"
#include "stages/run_folder.h"

namespace polar {

// The records of the sets that a run's config names. InputError where one is missing: "run polar eval …".
std::vector<SetResult> readSets(const ExperimentConfig& config, const RunPaths& paths);

// The config of a finished run. InputError where the folder is none.
ExperimentConfig readRunConfig(const RunPaths& paths);

// "quickstart" of "results/quickstart/".
std::string folderName(const std::string& folder);

// The runs under names that differ: their folders' own, else the paths as given. InputError where a folder is
// given twice.
std::vector<ComparedRun> readRuns(const std::vector<std::string>& folders);

}  // namespace polar
