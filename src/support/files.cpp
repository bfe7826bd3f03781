#include "support/files.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include "support/error.h"
#include "support/process_file.h"

namespace polar {
namespace {

namespace fs = std::filesystem;

class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC)) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

void sync(const fs::path& path, int flags) {
  const Descriptor file(path, flags);
  if (file.get() >= 0) ::fsync(file.get());
}

}  // namespace

void cannotWrite(const fs::path& path) {
  throw InputError(path.string(), std::string("it cannot be written (") + std::strerror(errno) + ")", "a writable place",
                   "check permissions and free space, or choose another folder with results_dir=");
}

std::string readFile(const fs::path& file) {
  std::error_code ignored;
  std::ifstream in(file, std::ios::binary);
  if (!in || fs::is_directory(file, ignored))
    throw InputError(file.string(), fs::is_directory(file, ignored) ? "a folder" : "no readable file", "a file",
                     "check the path and its permissions");
  std::ostringstream content;
  content << in.rdbuf();
  return std::move(content).str();
}

void writeFileAtomically(const fs::path& file, const std::string& content) {
  commitFile(writeProcessFile(file, content), file);
}

void commitFile(const fs::path& temporary, const fs::path& file) {
  sync(temporary, O_RDONLY);
  if (std::rename(temporary.c_str(), file.c_str()) != 0) cannotWrite(file);
  sync(file.has_parent_path() ? file.parent_path() : fs::path("."), O_RDONLY | O_DIRECTORY);
}

void requireWritableFolder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    errno = error.value();
    cannotWrite(folder);
  }
  // access(2) answers yes to root on a read-only mount's folder in some kernels; a file that is made proves it. One
  // without a name, where the file system can: a kill leaves nothing behind.
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

MappedFile::MappedFile(const fs::path& file) {
  const Descriptor descriptor(file, O_RDONLY);
  struct stat info {};
  if (descriptor.get() < 0 || ::fstat(descriptor.get(), &info) != 0 || !S_ISREG(info.st_mode))
    throw InputError(file.string(), "no readable file", "a file", "check the path and its permissions");
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size == 0) return;
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor.get(), 0);
  if (address == MAP_FAILED)
    throw InputError(file.string(), std::string("it cannot be mapped (") + std::strerror(errno) + ")", "a regular file");
  bytes_ = {static_cast<const std::byte*>(address), size};
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

MappedFile::MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

}  // namespace polar
