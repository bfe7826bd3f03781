// Catch2 v2.13 or v3, and where the fixtures are.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>

namespace polar::testing {

inline std::filesystem::path sourceDir() { return POLAR_SOURCE_DIR; }
inline std::filesystem::path fixture(const std::string& name) { return sourceDir() / "tests" / name; }
inline std::filesystem::path embeddedModel() { return sourceDir() / "datasets/embedded/model"; }

// A folder of public datasets in datasets/README.md's layout, where POLAR_DATA names one.
inline std::optional<std::filesystem::path> publicData() {
  const char* folder = std::getenv("POLAR_DATA");
  return folder && *folder ? std::optional<std::filesystem::path>(folder) : std::nullopt;
}

// Says that the running test, or a part of it, could not be run here:
// ctest then shows it as skipped, and tests/run.sh lists the reasons.
inline void skipped(const std::string& why) { std::cout << "SKIPPED: " << why << std::endl; }

inline std::string slurp(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

inline void spill(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

inline bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// A fresh folder, removed with the object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "polar-test-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace polar::testing
