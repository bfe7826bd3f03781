#pragma once

#include <string>

namespace polar {

std::string toolVersion();  // "0.2.0"
std::string gitRevision();  // of the source tree at configuration, or "unknown"
std::string versionText();  // "polar 0.2.0 (abc123)"

}  // namespace polar
