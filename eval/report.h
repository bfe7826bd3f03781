// Writes a finished Report: index.html (self-contained, opens offline), table.md, table.tex, table.csv, results.json,
// and each figure as FIGURE.vl.json.
#pragma once

#include <filesystem>
#include <string>

#include "eval/evaluation_table.h"

namespace polar {

void writeReport(const std::filesystem::path& folder, const Report& report);

// The markdown table alone, as `polar run` prints it at the end.
std::string markdownTable(const Report& report);

}  // namespace polar
