// The report as one HTML page: styles and drawings inside, no script, nothing fetched, light and dark.
#pragma once

#include <string>

#include "eval/evaluation_table.h"

namespace polar {

std::string reportPage(const Report& report);

}  // namespace polar
