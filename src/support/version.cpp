#include "support/version.h"

namespace polar {

std::string toolVersion() { return POLAR_VERSION; }

std::string gitRevision() {
  const std::string revision = POLAR_GIT_REVISION;
  return revision.empty() ? "unknown" : revision;
}

std::string versionText() { return "polar " + toolVersion() + " (" + gitRevision() + ")"; }

}  // namespace polar
