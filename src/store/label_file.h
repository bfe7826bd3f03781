// One sealed schema-1 file (FORMAT.md): 512 bytes that hold the SHA-256 of what follows, then HDF5. Private to
// src/store.
#pragma once

#include <filesystem>

#include "store/label_columns.h"

namespace polar {

inline constexpr std::size_t kSealBytes = 512;

// Makes `file`, sealed and synced, then opens it and compares every column
// with what was to be written. Where that fails nothing of it stays.
void writeSealed(const std::filesystem::path& file, const LabelProvenance& provenance, const LabelColumns& columns);

struct SealedContent {
  LabelProvenance provenance;
  LabelColumns columns;
};

enum class Wanted { attributes, ids, everything };

// What is wanted of a file whose seal holds; the rest stays empty. Row counts that
// belong together are checked. A process of its own reads it: a right seal says
// that the bytes are those that were written, not that HDF5 survives them.
SealedContent readSealed(const std::filesystem::path& file, Wanted wanted);

}  // namespace polar
