// The part files of a labels folder. Private to src/store.
#pragma once

#include <filesystem>
#include <vector>

namespace polar {

// part-000001.h5, part-000002.h5, … of the folder, sorted; none where it does not exist.
std::vector<std::filesystem::path> partsOf(const std::filesystem::path& folder);

// 7 for part-000007.h5; 0 for other names.
int partNumber(const std::filesystem::path& file);

}  // namespace polar
