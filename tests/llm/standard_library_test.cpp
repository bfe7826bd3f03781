// The published libtorch exports parts of an older std::filesystem of its own; those of its CUDA libraries crash.
#include <dlfcn.h>

#include <filesystem>
#include <string>

#include "catch.h"

TEST_CASE("std::filesystem is the standard library's, not the one that libtorch exports", "[llm]") {
  using RemoveAll = std::uintmax_t(const std::filesystem::path&, std::error_code&);
  RemoveAll* const removeAll = std::filesystem::remove_all;
  Dl_info place{};
  REQUIRE(::dladdr(reinterpret_cast<const void*>(removeAll), &place) != 0);
  CHECK_THAT(std::string(place.dli_fname), Catch::Contains("libstdc++") || Catch::Contains("libc++"));
}
