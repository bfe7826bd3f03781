#include "store/label_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <string_view>

#include "support/process_file.h"
#include "support/error.h"
#include "support/files.h"
#include "support/hash.h"

namespace polar {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic = "polar labels\nsha256 ";
constexpr std::string_view kDamaged = "remove it and search its examples again, or copy it anew";

std::string sealOf(std::string_view content) {
  std::string seal = std::string(kMagic) + sha256(content) + "\n";
  seal.resize(kSealBytes, '\0');
  return seal;
}

std::string_view textOf(const MappedFile& file) {
  return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

// The path again, once its seal is known to hold.
const fs::path& checkSeal(const fs::path& file) {
  const MappedFile mapped(file);
  const std::string_view bytes = textOf(mapped);
  if (bytes.size() < kSealBytes || !bytes.starts_with(kMagic))
    throw InputError(file.string(), bytes.empty() ? "an empty file" : "other bytes",
                     "a label file: 'polar labels' in its first line", "name a labels.h5 or a part of it");
  if (bytes.substr(0, kSealBytes) != sealOf(bytes.substr(kSealBytes)))
    throw InputError(file.string(), "content that its SHA-256 does not fit", "the bytes that were written",
                     std::string(kDamaged));
  return file;
}

// HDF5 left the first bytes free; they are filled last, so that a half-written file is never taken for a whole one.
void seal(const fs::path& file) {
  std::string head;
  {
    const MappedFile mapped(file);
    head = sealOf(textOf(mapped).substr(std::min(kSealBytes, mapped.bytes().size())));
  }
  const int fd = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
  const bool written =
      fd >= 0 && ::pwrite(fd, head.data(), head.size(), 0) == static_cast<ssize_t>(head.size()) && ::fsync(fd) == 0;
  const int reason = errno;
  if (fd >= 0) ::close(fd);
  if (!written)
    throw InputError(file.string(), std::string("it cannot be written (") + std::strerror(reason) + ")",
                     "a writable place", "check permissions and free space");
}

void writeContent(const fs::path& file, const LabelProvenance& provenance, const LabelColumns& columns) {
  hdf5::ColumnWriter writer(file, kSealBytes);
  writer.attribute("schema_version", std::int32_t{kSchemaVersion});
  visitProvenance(provenance, [&](const char* name, const auto& value) {
    if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string>)
      writer.attribute(name, storable(value));
    else
      writer.attribute(name, value);
  });
  writer.group("/examples");
  writer.group("/programs");
  visitColumns(columns, [&](const char* path, const auto& values, Rows) { writer.column(path, values); });
  writer.close();
}

template <typename T>
bool sameBits(const std::vector<T>& a, const std::vector<T>& b) {
  return a == b;
}
bool sameBits(const std::vector<float>& a, const std::vector<float>& b) {  // NaN marks what was not scored
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

LabelProvenance readAttributes(const hdf5::ColumnReader& reader) {
  std::int32_t version = 0;
  reader.attribute("schema_version", version);
  if (version < 1 || version > kSchemaVersion)
    throw InputError(reader.place("attribute schema_version"), std::to_string(version),
                     "1 to " + std::to_string(kSchemaVersion),
                     version > kSchemaVersion ? "a newer Polar wrote it: update this one" : std::string(kDamaged));
  LabelProvenance provenance;
  visitProvenance(provenance, [&](const char* name, auto& value) {
    if (std::string_view(name) != kComputedOn || reader.hasAttribute(name)) reader.attribute(name, value);
  });
  if (provenance.depth < 1 || provenance.depth > 65535)
    throw InputError(reader.place("attribute depth"), std::to_string(provenance.depth), "1 to 65535 layers");
  return provenance;
}

}  // namespace

void writeSealed(const fs::path& file, const LabelProvenance& provenance, const LabelColumns& columns) {
  writeContent(file, provenance, columns);
  seal(file);
  SealedLabels(file).requireEqual(provenance, columns);
}

SealedLabels::SealedLabels(const fs::path& file) : reader_(checkSeal(file)), provenance_(readAttributes(reader_)) {}

std::vector<std::string> SealedLabels::ids() const {
  std::vector<std::string> ids;
  reader_.column("/examples/id", ids);
  return ids;
}

LabelColumns SealedLabels::columns() const {
  LabelColumns columns;
  std::map<Rows, std::pair<std::string, std::size_t>> first;  // the column that set the count
  visitColumns(columns, [&](const char* path, auto& values, Rows rows) {
    reader_.column(path, values);
    const auto& [name, count] = first.try_emplace(rows, path, values.size()).first->second;
    if (values.size() != count)
      throw InputError(reader_.place(path), std::to_string(values.size()) + " rows",
                       std::to_string(count) + ", as in " + name);
  });
  return columns;
}

void SealedLabels::requireEqual(const LabelProvenance& provenance, const LabelColumns& columns) const {
  const auto refuse = [&](const std::string& path) {
    throw InputError(reader_.place(path), "other content than was written", "what was written",
                     "the storage is not reliable; use another folder");
  };
  std::map<std::string, std::string> written;
  visitProvenance(provenance, [&](const char* name, const auto& value) {
    if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string>)
      written[name] = storable(value);
    else
      written[name] = std::to_string(value);
  });
  visitProvenance(provenance_, [&](const char* name, const auto& value) {
    std::string text;
    if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string>)
      text = value;
    else
      text = std::to_string(value);
    if (text != written[name]) refuse(std::string("attribute ") + name);
  });
  visitColumns(columns, [&](const char* path, const auto& values, Rows) {
    std::decay_t<decltype(values)> found;
    reader_.column(path, found);
    if (!sameBits(found, values)) refuse(path);
  });
}

// ---- public reading and writing -------------------------------------------------------------------------------------

LabelFile readLabels(const fs::path& file) {
  const SealedLabels sealed(file);
  const LabelProvenance& provenance = sealed.provenance();
  return {provenance, examplesOf(sealed.columns(), provenance.depth, file.string())};
}

LabelProvenance readProvenance(const fs::path& file) { return SealedLabels(file).provenance(); }

void writeLabels(const fs::path& file, const LabelFile& labels) {
  requireWritableFolder(file.has_parent_path() ? file.parent_path() : fs::path("."));
  const fs::path temporary = processFile(file);  // two shards may merge at the same time
  try {
    writeSealed(temporary, labels.provenance, columnsOf(labels.examples, labels.provenance.depth));
    commitFile(temporary, file);
  } catch (...) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    throw;
  }
}

}  // namespace polar
