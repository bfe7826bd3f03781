// Files that are whole or absent.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

namespace polar {

// The whole file as bytes. Throws InputError naming the file where it cannot be read.
std::string readFile(const std::filesystem::path& file);

// Writes under a name of this process's own (support/process_file.h), flushes, renames, syncs the folder: a reader sees
// the old content or the new, never half, whoever else writes the same file. Throws InputError where the folder cannot be
// written.
void writeFileAtomically(const std::filesystem::path& file, const std::string& content);

// Renames a finished temporary file into place and syncs both it and its folder.
void commitFile(const std::filesystem::path& temporary, const std::filesystem::path& file);

// The InputError of a place that cannot be written, with errno's reason.
[[noreturn]] void cannotWrite(const std::filesystem::path& path);

// Makes the folder (and its parents) and proves that it can be written to; InputError otherwise.
void requireWritableFolder(const std::filesystem::path& folder);

// A read-only memory map; closes with the object. Move-only.
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
