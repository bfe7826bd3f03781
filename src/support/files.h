// Files that are whole or absent.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace polar {

// A regular file, or a link to one, open for reading: a pipe would wait for its writer and a device may never end.
// InputError that names the file, and what it is, on anything else.
class InputFile {
 public:
  explicit InputFile(const std::filesystem::path& file);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  int descriptor() const { return descriptor_; }
  std::size_t size() const { return size_; }
  // Up to `count` of the next bytes; 0 at the end.
  std::size_t read(char* into, std::size_t count);

 private:
  std::string name_;
  int descriptor_ = -1;
  std::size_t size_ = 0;
};

// The whole file as bytes. InputError naming the file where it cannot be read or has more than `most` bytes.
std::string readFile(const std::filesystem::path& file, std::size_t most = std::size_t{4} << 30);

// Writes under a name of this process's own (support/process_file.h), flushes, renames,
// syncs the folder: a reader sees the old content or the new, never half, whoever else
// writes the same file. Throws InputError where the folder cannot be written.
void writeFileAtomically(const std::filesystem::path& file, const std::string& content);

// Makes `file` anew and syncs it. Where that fails nothing of it stays, and the InputError names `named`.
void writeSynced(const std::filesystem::path& file, std::string_view content, const std::filesystem::path& named);

// Renames a finished, synced temporary file into place and syncs the folder.
void commitFile(const std::filesystem::path& temporary, const std::filesystem::path& file);

// All bytes, in as many writes as it takes; false, and errno, where one of them fails.
bool writeWhole(int descriptor, std::string_view bytes);

// The InputError of a place that cannot be written, with errno's reason.
[[noreturn]] void cannotWrite(const std::filesystem::path& path);

// Makes the folder (and its parents) and proves that it can be written to; InputError otherwise.
void requireWritableFolder(const std::filesystem::path& folder);

}  // namespace polar
