#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <stdexcept>

#include "store/label_file.h"
#include "store/label_parts.h"
#include "support/error.h"
#include "support/files.h"

namespace polar {
namespace {

namespace fs = std::filesystem;

std::string partName(int number) {
  char name[32];
  std::snprintf(name, sizeof name, "part-%06d.h5", number);
  return name;
}

// Gives `temporary` the name `file` without ever replacing another shard's part; false where the name is taken.
bool claim(const fs::path& temporary, const fs::path& file) {
  if (::link(temporary.c_str(), file.c_str()) != 0) {
    if (errno == EEXIST) return false;
    std::error_code ignored;  // a file system without hard links
    if (fs::exists(file, ignored)) return false;
  }
  commitFile(temporary, file);
  ::unlink(temporary.c_str());  // renaming onto the same file left both names
  return true;
}

}  // namespace

// Shards on several machines write into one folder: the open file's name must be this process's own.
fs::path openName(const fs::path& folder) {
  char host[256] = "host";
  ::gethostname(host, sizeof host - 1);
  return folder / (".part-" + std::string(host) + "-" + std::to_string(::getpid()) + ".tmp");
}

bool isOpenName(const fs::path& file) {
  const std::string name = file.filename().string();
  return name.starts_with(".part-") && name.ends_with(".tmp");
}

int partNumber(const fs::path& file) {
  int number = 0;
  const std::string name = file.filename().string();
  return std::sscanf(name.c_str(), "part-%d.h5", &number) == 1 && number > 0 && name == partName(number) ? number : 0;
}

std::vector<fs::path> partsOf(const fs::path& folder) {
  std::vector<fs::path> parts;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (partNumber(it->path()) > 0) parts.push_back(it->path());
  std::sort(parts.begin(), parts.end());
  return parts;
}

LabelWriter::LabelWriter(fs::path folder, LabelProvenance provenance)
    : folder_(std::move(folder)), provenance_(std::move(provenance)) {
  requireWritableFolder(folder_);
  for (const fs::path& part : partsOf(folder_)) {
    const SealedLabels sealed(part);
    if (sealed.provenance().fingerprint != provenance_.fingerprint)
      throw InputError(part.string(), "labels with the fingerprint " + sealed.provenance().fingerprint,
                       "this run's, " + provenance_.fingerprint,
                       "a key that changes results was changed: choose another name= or remove " + folder_.string());
    for (std::string& id : sealed.ids()) committed_.push_back(std::move(id));
    nextPart_ = partNumber(part) + 1;
  }
  ids_.insert(committed_.begin(), committed_.end());
}

void LabelWriter::add(ExampleLabels labels) {
  if (!ids_.insert(labels.example.id).second) throw std::logic_error("label store: added twice: " + labels.example.id);
  open_.push_back(std::move(labels));
}

void LabelWriter::commit() {
  if (open_.empty()) return;
  const fs::path temporary = openName(folder_);
  try {
    writeSealed(temporary, provenance_, columnsOf(open_, provenance_.depth));
    while (!claim(temporary, folder_ / partName(nextPart_))) ++nextPart_;
  } catch (...) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    throw;
  }
  ++nextPart_;
  for (const ExampleLabels& labels : open_) committed_.push_back(labels.example.id);
  open_.clear();
}

}  // namespace polar
