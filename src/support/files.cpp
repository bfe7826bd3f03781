#include "support/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "support/error.h"
#include "support/process_file.h"

namespace polar {
namespace {

namespace fs = std::filesystem;

std::string kindInWords(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

// File systems that know no sync say EINVAL.
bool synced(int descriptor) { return ::fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP; }

}  // namespace

void cannotWrite(const fs::path& path) {
  throw InputError(path.string(), std::string("it cannot be written (") + std::strerror(errno) + ")",
                   "a writable place", "check permissions and free space, or choose another folder with results_dir=");
}

InputFile::InputFile(const fs::path& file) : name_(file.string()) {
  const auto refuse = [&](const std::string& found) {
    if (descriptor_ >= 0) ::close(descriptor_);
    throw InputError(name_, found, "a file", "check the path and its permissions");
  };
  // Opening a pipe would wait for a writer.
  descriptor_ = ::open(name_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  struct stat info{};
  if (descriptor_ < 0 || ::fstat(descriptor_, &info) != 0) refuse("no readable file");
  if (!S_ISREG(info.st_mode)) refuse(kindInWords(info.st_mode));
  size_ = static_cast<std::size_t>(info.st_size);
}

InputFile::~InputFile() { ::close(descriptor_); }

std::size_t InputFile::read(char* into, std::size_t count) {
  while (true) {
    const ssize_t taken = ::read(descriptor_, into, count);
    if (taken >= 0) return static_cast<std::size_t>(taken);
    if (errno != EINTR)
      throw InputError(name_, std::string("it cannot be read (") + std::strerror(errno) + ")", "a readable file");
  }
}

std::string readFile(const fs::path& file, std::size_t most) {
  InputFile in(file);
  std::string content;
  const auto checkSize = [&](std::size_t size) {
    if (size > most)
      throw InputError(file.string(), "more than " + std::to_string(most) + " bytes", "a smaller file", "split it");
  };
  checkSize(in.size());
  // What the size says, and then what came in the meantime.
  for (std::size_t step = in.size() + 1, taken = 1; taken > 0; step = std::size_t{1} << 16) {
    const std::size_t before = content.size();
    content.resize(before + step);
    taken = in.read(content.data() + before, step);
    content.resize(before + taken);
    checkSize(content.size());
  }
  return content;
}

bool writeWhole(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written == 0) errno = ENOSPC;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

void writeFileAtomically(const fs::path& file, const std::string& content) {
  const fs::path temporary = writeProcessFile(file, content);
  try {
    commitFile(temporary, file);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
}

void writeSynced(const fs::path& file, std::string_view content, const fs::path& named) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) cannotWrite(named);
  int reason = writeWhole(descriptor, content) && synced(descriptor) ? 0 : errno;
  if (::close(descriptor) != 0 && reason == 0) reason = errno;
  if (reason == 0) return;
  ::unlink(file.c_str());
  errno = reason;
  cannotWrite(named);
}

void commitFile(const fs::path& temporary, const fs::path& file) {
  if (std::rename(temporary.c_str(), file.c_str()) != 0) cannotWrite(file);
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

void requireWritableFolder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    errno = error.value();
    cannotWrite(folder);
  }
  // access(2) answers yes to root on a read-only mount's folder in some kernels; a file that is made proves it. One
  // without a name, where the file system can: a kill leaves nothing.
  const int unnamed = ::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  if (unnamed >= 0) {
    ::close(unnamed);
    return;
  }
  const fs::path probe = folder / (".polar-probe-" + std::to_string(::getpid()));
  const int fd = ::open(probe.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0) cannotWrite(folder);
  ::close(fd);
  ::unlink(probe.c_str());
}

}  // namespace polar
