// Where src/setup/fetch_model.sh puts SmolLM2 and fetch_tokenizers.sh the tokenizers, if they have been run.
#pragma once

#include "catch.h"

namespace polar::testing {

inline std::filesystem::path modelCache() {
  const char* cache = std::getenv("POLAR_CACHE");
  if (cache && *cache) return cache;
  const char* home = std::getenv("HOME");
  return home ? std::filesystem::path(home) / ".cache/polar" : std::filesystem::path();
}

inline std::optional<std::filesystem::path> smollm2() {
  const auto file = modelCache() / "smollm2/SmolLM2-135M-Instruct.Q4_1.gguf";
  std::error_code ignored;
  return std::filesystem::exists(file, ignored) ? std::optional(file) : std::nullopt;
}

}  // namespace polar::testing
