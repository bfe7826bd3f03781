// What --fresh removes: files that Polar wrote, known by their names, in a folder that is a run's. Anything else stays.
#pragma once

#include <string>

#include "stages/run_folder.h"

namespace polar {

// InputError where the folder holds files and is no run's, or where one of the folders
// that the stage wrote is a symbolic link now. Checked before anything is removed.
void requireRemovable(const RunPaths& paths);

// The records and outputs of the stage and those after it.
void removeStage(const RunPaths& paths, Stage stage);

}  // namespace polar
