#include "store/label_file.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <string_view>
#include <utility>

#include "store/apart.h"
#include "store/hdf5_file.h"
#include "support/error.h"
#include "support/files.h"
#include "support/hash.h"
#include "support/mapped_file.h"
#include "support/process_file.h"

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

// The bytes of a whole file, seal included.
std::string sealedBytes(const fs::path& file, const LabelProvenance& provenance, const LabelColumns& columns) {
  hdf5::ColumnWriter writer(file, kSealBytes);
  writer.attribute("schema_version", std::int32_t{kSchemaVersion});
  visitProvenance(provenance, [&](const char* name, const auto& value, In) {
    if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string>)
      writer.attribute(name, storable(value));
    else
      writer.attribute(name, value);
  });
  writer.group("/examples");
  writer.group("/programs");
  visitColumns(columns, [&](const char* path, const auto& values, Rows) { writer.column(path, values); });
  std::string bytes = writer.close();
  bytes.replace(0, kSealBytes, sealOf(std::string_view(bytes).substr(kSealBytes)));
  return bytes;
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
  visitProvenance(provenance, [&](const char* name, auto& value, In files) {
    if (files == In::all || reader.hasAttribute(name)) reader.attribute(name, value);
  });
  if (provenance.depth < 1 || provenance.depth > 65535)
    throw InputError(reader.place("attribute depth"), std::to_string(provenance.depth), "1 to 65535 layers");
  return provenance;
}

// InputError naming the first column or attribute of a file that is not what was to be written.
void requireEqual(const fs::path& file, const LabelProvenance& provenance, const LabelColumns& columns) {
  const hdf5::ColumnReader reader(checkSeal(file));
  const auto refuse = [&](const std::string& path) {
    throw InputError(reader.place(path), "other content than was written", "what was written",
                     "the storage is not reliable; use another folder");
  };
  std::map<std::string, std::string> written;
  visitProvenance(provenance, [&](const char* name, const auto& value, In) {
    if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string>)
      written[name] = storable(value);
    else
      written[name] = std::to_string(value);
  });
  const LabelProvenance stored = readAttributes(reader);
  visitProvenance(stored, [&](const char* name, const auto& value, In) {
    std::string text;
    if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string>)
      text = value;
    else
      text = std::to_string(value);
    if (text != written[name]) refuse(std::string("attribute ") + name);
  });
  visitColumns(columns, [&](const char* path, const auto& values, Rows) {
    std::decay_t<decltype(values)> found;
    reader.column(path, found);
    if (!sameBits(found, values)) refuse(path);
  });
}

constexpr std::string_view kIds = "/examples/id";

// What of a file is sent and taken, in one order.
void send(const fs::path& file, Wanted wanted, Sender& out) {
  const hdf5::ColumnReader reader(file);
  const LabelProvenance provenance = readAttributes(reader);
  visitProvenance(provenance, [&](const char*, const auto& value, In) { out.put(value); });
  LabelColumns columns;
  visitColumns(columns, [&](const char* path, auto& values, Rows) {
    if (wanted == Wanted::attributes || (wanted == Wanted::ids && path != kIds)) return;
    reader.column(path, values);
    out.put(values);
    values = {};
  });
}

void take(const fs::path& file, Wanted wanted, Receiver& in, SealedContent& content) {
  visitProvenance(content.provenance, [&](const char*, auto& value, In) { in.take(value); });
  std::map<Rows, std::pair<std::string, std::size_t>> first;  // the column that set the count
  visitColumns(content.columns, [&](const char* path, auto& values, Rows rows) {
    if (wanted == Wanted::attributes || (wanted == Wanted::ids && path != kIds)) return;
    in.take(values);
    const auto& [name, count] = first.try_emplace(rows, path, values.size()).first->second;
    if (values.size() != count)
      throw InputError(file.string() + ": " + path, std::to_string(values.size()) + " rows",
                       std::to_string(count) + ", as in " + name);
  });
}

}  // namespace

void writeSealed(const fs::path& file, const LabelProvenance& provenance, const LabelColumns& columns) {
  try {
    writeSynced(file, sealedBytes(file, provenance, columns), file);
    requireEqual(file, provenance, columns);
  } catch (...) {
    std::error_code ignored;
    fs::remove(file, ignored);
    throw;
  }
}

SealedContent readSealed(const fs::path& file, Wanted wanted) {
  checkSeal(file);
  SealedContent content;
  readApart(
      file, "the content of a label file", std::string(kDamaged), [&](Sender& out) { send(file, wanted, out); },
      [&](Receiver& in) { take(file, wanted, in, content); });
  return content;
}

// ---- public reading and writing -------------------------------------------------------------------------------------

LabelFile readLabels(const fs::path& file) {
  SealedContent content = readSealed(file, Wanted::everything);
  const int depth = content.provenance.depth;
  return {std::move(content.provenance), examplesOf(std::move(content.columns), depth, file.string())};
}

LabelProvenance readProvenance(const fs::path& file) { return readSealed(file, Wanted::attributes).provenance; }

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
