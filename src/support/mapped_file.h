// Files that are read in place.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace polar {

// A read-only memory map of a regular file; closes with the object. Move-only, thread-safe. Where the file becomes
// shorter, or its disk fails, while it is being read, the process ends with one line that names it and exit code 2: the
// system reports it by a signal, in the middle of whatever reads.
class MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& file);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&&) = delete;
  MappedFile(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace polar
