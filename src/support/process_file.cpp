#include "support/process_file.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <vector>

#include "support/files.h"

namespace polar {
namespace {

namespace fs = std::filesystem;

std::string hostName() {
  char host[256] = "host";
  ::gethostname(host, sizeof host - 1);
  return host;
}

// The process that ".NAME-HOST-PID.tmp" names, where HOST is this machine; else 0.
pid_t ownerHere(const std::string& name) {
  const std::string ending = ".tmp", host = "-" + hostName() + "-";
  if (!name.starts_with('.') || !name.ends_with(ending)) return 0;
  const std::size_t at = name.rfind(host);
  if (at == std::string::npos) return 0;
  pid_t process = 0;
  const char *begin = name.data() + at + host.size(), *end = name.data() + name.size() - ending.size();
  const auto [stop, error] = std::from_chars(begin, end, process);
  return error == std::errc() && stop == end && process > 0 ? process : 0;
}

}  // namespace

fs::path processFile(const fs::path& file) {
  const std::string owner = hostName() + "-" + std::to_string(::getpid());
  return file.parent_path() / ("." + file.filename().string() + "-" + owner + ".tmp");
}

bool claimName(const fs::path& temporary, const fs::path& file) {
  if (::link(temporary.c_str(), file.c_str()) != 0) {
    if (errno == EEXIST) return false;
    std::error_code ignored;  // a file system without hard links
    if (fs::exists(file, ignored)) return false;
  }
  commitFile(temporary, file);
  ::unlink(temporary.c_str());  // renaming onto the same file left both names
  return true;
}

fs::path writeProcessFile(const fs::path& file, const std::string& content) {
  const fs::path temporary = processFile(file);
  writeSynced(temporary, content, file);
  return temporary;
}

bool createSharedFile(const fs::path& file, const std::string& content) {
  const fs::path temporary = writeProcessFile(file, content);
  bool created = false;
  try {
    created = claimName(temporary, file);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  if (!created) ::unlink(temporary.c_str());
  return created;
}

void removeAbandoned(const fs::path& folder) {
  std::vector<fs::path> abandoned;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const pid_t owner = ownerHere(it->path().filename().string());
    if (owner > 0 && ::kill(owner, 0) != 0 && errno == ESRCH) abandoned.push_back(it->path());
  }
  for (const fs::path& file : abandoned) fs::remove(file, error);
}

}  // namespace polar
