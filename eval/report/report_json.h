// results.json: everything that a report shows, for other programs to read.
#pragma once

#include <string>

#include "eval/report/report.h"

namespace polar {

std::string resultsJson(const Report& report);

}  // namespace polar
