// A text file that grows by whole lines, through stops and kills.
#pragma once

#include <filesystem>
#include <string>

namespace polar {

// Not thread-safe.
class AppendedLines {
 public:
  // Appends to `file`, made if absent; a last line that a kill cut
  // off is ended first. InputError where it cannot be written.
  explicit AppendedLines(const std::filesystem::path& file);
  ~AppendedLines();
  AppendedLines(const AppendedLines&) = delete;
  AppendedLines& operator=(const AppendedLines&) = delete;

  // `line` without its line break. In the file, though not yet on the disk, when it returns.
  void append(const std::string& line);

 private:
  std::filesystem::path file_;
  int descriptor_ = -1;
};

}  // namespace polar
