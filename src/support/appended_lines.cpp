#include "support/appended_lines.h"

#include <fcntl.h>
#include <unistd.h>

#include "support/files.h"

namespace polar {

AppendedLines::AppendedLines(const std::filesystem::path& file) : file_(file) {
  descriptor_ = ::open(file.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) cannotWrite(file);
  // The next line must not join a line that a kill cut off.
  const off_t size = ::lseek(descriptor_, 0, SEEK_END);
  char last = '\n';
  if (size > 0 && ::pread(descriptor_, &last, 1, size - 1) == 1 && last != '\n') append("");
}

AppendedLines::~AppendedLines() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void AppendedLines::append(const std::string& line) {
  if (!writeWhole(descriptor_, line + "\n")) cannotWrite(file_);
}

}  // namespace polar
