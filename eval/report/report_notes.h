// What a reader must know to read a report's tables.
#pragma once

#include <string>
#include <vector>

#include "eval/report/report.h"

namespace polar {

// A sentence or two each; the report's own remarks are the last.
std::vector<std::string> reportNotes(const Report& report);

}  // namespace polar
