#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include "store/label_file.h"
#include "store/label_parts.h"
#include "support/error.h"
#include "support/files.h"
#include "support/process_file.h"

namespace polar {
namespace {

namespace fs = std::filesystem;

std::string partName(int number) {
  char name[32];
  std::snprintf(name, sizeof name, "part-%06d.h5", number);
  return name;
}

}  // namespace

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

std::vector<std::string> storedIds(const fs::path& folder) {
  std::set<std::string> ids;
  for (const fs::path& part : partsOf(folder))
    for (std::string& id : readSealed(part, Wanted::ids).columns.id) ids.insert(std::move(id));
  return {ids.begin(), ids.end()};
}

LabelWriter::LabelWriter(fs::path folder, LabelProvenance provenance)
    : folder_(std::move(folder)), provenance_(std::move(provenance)) {
  requireWritableFolder(folder_);
  for (const fs::path& part : partsOf(folder_)) {
    SealedContent stored = readSealed(part, Wanted::ids);
    if (stored.provenance.fingerprint != provenance_.fingerprint)
      throw InputError(part.string(), "labels with the fingerprint " + stored.provenance.fingerprint,
                       "this run's, " + provenance_.fingerprint,
                       "a key that changes results was changed: choose another name= or remove " + folder_.string());
    for (std::string& id : stored.columns.id) committed_.push_back(std::move(id));
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
  const fs::path temporary = processFile(folder_ / "part");
  try {
    writeSealed(temporary, provenance_, columnsOf(open_, provenance_.depth));
    while (!claimName(temporary, folder_ / partName(nextPart_))) ++nextPart_;
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
