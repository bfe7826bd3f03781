// One sealed schema-1 file (FORMAT.md): 512 bytes that hold the SHA-256 of what follows, then HDF5. Private to
// src/store.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "store/hdf5_file.h"
#include "store/label_columns.h"

namespace polar {

inline constexpr std::size_t kSealBytes = 512;

// Writes `file` in place, seals and syncs it, opens it again and compares every column with what was to be written.
void writeSealed(const std::filesystem::path& file, const LabelProvenance& provenance, const LabelColumns& columns);

// A file whose seal held and whose schema is known; HDF5 sees no other bytes, since it trusts what it opens.
class SealedLabels {
 public:
  explicit SealedLabels(const std::filesystem::path& file);

  const LabelProvenance& provenance() const { return provenance_; }
  // /examples/id alone.
  std::vector<std::string> ids() const;
  // All columns, with the row counts that belong together checked.
  LabelColumns columns() const;
  // InputError naming the first column or attribute that is not what was to be written.
  void requireEqual(const LabelProvenance& provenance, const LabelColumns& columns) const;

 private:
  hdf5::ColumnReader reader_;
  LabelProvenance provenance_;
};

}  // namespace polar
