// polar report: from a run's finished stages to its report.
#pragma once

#include "eval/report/report.h"
#include "stages/run_folder.h"

namespace polar {

// Reads a run's finished stages and writes its report; needs no model. Returns it for printing.
Report reportStage(const RunPaths& paths);

}  // namespace polar
