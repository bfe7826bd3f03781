// ctest takes a test's name for a list and cuts it at semicolons: the parts then match no test.
#include <filesystem>
#include <regex>

#include "catch.h"

namespace polar {

TEST_CASE("no test's name has a semicolon") {
  const std::regex name(R"re(TEST_CASE\(\s*("[^"]*"\s*)+)re");
  int names = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(testing::sourceDir() / "tests")) {
    if (!entry.path().filename().string().ends_with("_test.cpp")) continue;
    const std::string text = testing::slurp(entry.path());
    for (auto found = std::sregex_iterator(text.begin(), text.end(), name); found != std::sregex_iterator(); ++found) {
      CAPTURE(entry.path().string(), found->str());
      CHECK(found->str().find(';') == std::string::npos);
      ++names;
    }
  }
  CHECK(names > 500);
}

}  // namespace polar
