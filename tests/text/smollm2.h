// Where src/setup/fetch_model.sh puts SmolLM2, if it has been run.
#pragma once

#include "catch.h"

namespace polar::testing {

inline std::optional<std::filesystem::path> smollm2() {
  const char* cache = std::getenv("POLAR_CACHE");
  const char* home = std::getenv("HOME");
  std::filesystem::path folder;
  if (cache && *cache)
    folder = cache;
  else if (home)
    folder = std::filesystem::path(home) / ".cache/polar";
  const auto file = folder / "smollm2/SmolLM2-135M-Instruct.Q4_1.gguf";
  std::error_code ignored;
  return std::filesystem::exists(file, ignored) ? std::optional(file) : std::nullopt;
}

}  // namespace polar::testing
