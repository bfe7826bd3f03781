#include "store/hdf5_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "support/error.h"

namespace polar::hdf5 {
namespace {

// Rows of a chunk; shorter columns than kShort are stored in one piece, unpacked.
constexpr hsize_t kChunk = 16384;
constexpr hsize_t kShort = 256;
// Deflate never packs better than 1032 to 1: a column that claims more than the file could hold is refused.
constexpr std::uint64_t kBestPacking = 1040;
// What a row of text takes beside the text itself: a length and a place in the file.
constexpr std::size_t kTextBytes = 16;

InputError unreadable(const std::string& place) {
  return InputError(place, "data that cannot be unpacked", "whole data", "copy the file anew");
}

Handle textType() {
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type.get(), H5T_VARIABLE);
  H5Tset_cset(type.get(), H5T_CSET_UTF8);
  return type;
}

Handle kept(hid_t predefined) { return {H5Tcopy(predefined), H5Tclose}; }

// On disk little-endian everywhere, so that the bytes do not depend on the machine.
template <typename T>
Handle diskType();
template <typename T>
Handle memoryType();
// clang-format off
template <> Handle diskType<std::uint8_t>() { return kept(H5T_STD_U8LE); }
template <> Handle diskType<std::uint16_t>() { return kept(H5T_STD_U16LE); }
template <> Handle diskType<std::uint32_t>() { return kept(H5T_STD_U32LE); }
template <> Handle diskType<std::int32_t>() { return kept(H5T_STD_I32LE); }
template <> Handle diskType<std::uint64_t>() { return kept(H5T_STD_U64LE); }
template <> Handle diskType<std::int64_t>() { return kept(H5T_STD_I64LE); }
template <> Handle diskType<float>() { return kept(H5T_IEEE_F32LE); }
template <> Handle diskType<std::string>() { return textType(); }
template <> Handle memoryType<std::uint8_t>() { return kept(H5T_NATIVE_UINT8); }
template <> Handle memoryType<std::uint16_t>() { return kept(H5T_NATIVE_UINT16); }
template <> Handle memoryType<std::uint32_t>() { return kept(H5T_NATIVE_UINT32); }
template <> Handle memoryType<std::int32_t>() { return kept(H5T_NATIVE_INT32); }
template <> Handle memoryType<std::uint64_t>() { return kept(H5T_NATIVE_UINT64); }
template <> Handle memoryType<std::int64_t>() { return kept(H5T_NATIVE_INT64); }
template <> Handle memoryType<float>() { return kept(H5T_NATIVE_FLOAT); }
template <> Handle memoryType<std::string>() { return textType(); }
// clang-format on

std::string typeInWords(hid_t type) {
  const H5T_class_t kind = H5Tget_class(type);
  const std::string bits = std::to_string(8 * H5Tget_size(type)) + "-bit ";
  if (kind == H5T_INTEGER) return bits + (H5Tget_sign(type) == H5T_SGN_NONE ? "unsigned integers" : "signed integers");
  if (kind == H5T_FLOAT) return bits + "floats";
  if (kind == H5T_STRING) return H5Tis_variable_str(type) > 0 ? "variable-length text" : "fixed-length text";
  return "another type";
}

// Throws where `found` is not stored as T; byte order is free.
template <typename T>
void requireType(const Handle& found, const std::string& place) {
  const std::string is = typeInWords(found.get()), should = typeInWords(diskType<T>().get());
  if (is != should) throw InputError(place, is, should);
}

std::vector<const char*> pointers(const std::vector<std::string>& values) {
  std::vector<const char*> result;
  result.reserve(values.size());
  for (const std::string& value : values) result.push_back(value.c_str());
  return result;
}

Handle creationProperties(hsize_t rows) {
  Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_obj_track_times(properties.get(), false);
  if (rows < kShort) return properties;
  const hsize_t chunk = std::min(rows, kChunk);
  H5Pset_chunk(properties.get(), 1, &chunk);
  H5Pset_shuffle(properties.get());
  H5Pset_deflate(properties.get(), 4);
  return properties;
}

// File locks fail on some shared file systems, and committed files never change.
void withoutLocks([[maybe_unused]] const Handle& access) {
#if H5_VERSION_GE(1, 10, 7) && !(H5_VERS_MAJOR == 1 && H5_VERS_MINOR == 12 && H5_VERS_RELEASE == 0)
  H5Pset_file_locking(access.get(), false, true);
#endif
}

}  // namespace

Quiet::Quiet() {
  // Whatever is still open at exit is not worth a library that writes, and may crash, after the last line was printed.
  static const herr_t once = H5dont_atexit();
  (void)once;
  H5Eget_auto2(H5E_DEFAULT, &print_, &data_);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}
Quiet::~Quiet() { H5Eset_auto2(H5E_DEFAULT, print_, data_); }

// ---- writing --------------------------------------------------------------------------------------------------------

void MemoryFile::use(const Handle& access) {
  H5FD_file_image_callbacks_t calls{};
  calls.image_malloc = [](std::size_t size, H5FD_file_image_op_t, void* file) {
    static_cast<MemoryFile*>(file)->size_ = size;
    return std::malloc(size);
  };
  calls.image_realloc = [](void* bytes, std::size_t size, H5FD_file_image_op_t, void* file) {
    static_cast<MemoryFile*>(file)->size_ = size;
    return std::realloc(bytes, size);
  };
  calls.image_memcpy = [](void* to, const void* from, std::size_t size, H5FD_file_image_op_t, void*) {
    return std::memcpy(to, from, size);
  };
  calls.image_free = [](void* bytes, H5FD_file_image_op_t when, void* file) -> herr_t {
    if (when == H5FD_FILE_IMAGE_OP_FILE_CLOSE) std::swap(static_cast<MemoryFile*>(file)->bytes_, bytes);
    std::free(bytes);
    return 0;
  };
  calls.udata_copy = [](void* file) { return file; };
  calls.udata_free = [](void*) -> herr_t { return 0; };
  calls.udata = this;
  constexpr std::size_t kGrowth = 1;  // as long as the file, to the byte
  H5Pset_fapl_core(access.get(), kGrowth, /*backing_store=*/false);
  H5Pset_file_image_callbacks(access.get(), &calls);
}

ColumnWriter::ColumnWriter(const std::filesystem::path& name, std::size_t userBlock) : name_(name.string()) {
  const Handle creation(H5Pcreate(H5P_FILE_CREATE), H5Pclose), access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_userblock(creation.get(), userBlock);
  H5Pset_obj_track_times(creation.get(), false);
  // One format whatever the library's version: HDF5 1.8's, whose headers carry checksums.
  H5Pset_libver_bounds(access.get(), H5F_LIBVER_V18, H5F_LIBVER_V18);
  memory_.use(access);
  errno = 0;
  file_ = Handle(H5Fcreate(name_.c_str(), H5F_ACC_TRUNC, creation.get(), access.get()), H5Fclose);
  if (!file_) fail("/");
}

void ColumnWriter::fail(const std::string& path) const {
  const std::string reason = errno != 0 ? std::strerror(errno) : "HDF5 refused";
  throw InputError(name_ + ": " + path, "it cannot be written (" + reason + ")", "memory that holds it",
                   "lower search.part_examples, or give the process more memory");
}

void ColumnWriter::group(const std::string& path) {
  const Handle properties(H5Pcreate(H5P_GROUP_CREATE), H5Pclose);
  H5Pset_obj_track_times(properties.get(), false);
  if (!Handle(H5Gcreate2(file_.get(), path.c_str(), H5P_DEFAULT, properties.get(), H5P_DEFAULT), H5Gclose)) fail(path);
}

template <typename T>
void ColumnWriter::column(const std::string& path, const std::vector<T>& values) {
  const hsize_t rows = values.size();
  const Handle space(H5Screate_simple(1, &rows, nullptr), H5Sclose), properties = creationProperties(rows);
  const Handle set(H5Dcreate2(file_.get(), path.c_str(), diskType<T>().get(), space.get(), H5P_DEFAULT,
                              properties.get(), H5P_DEFAULT),
                   H5Dclose);
  if (!set) fail(path);
  if (rows == 0) return;
  herr_t status = -1;
  if constexpr (std::is_same_v<T, std::string>)
    status = H5Dwrite(set.get(), memoryType<T>().get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers(values).data());
  else
    status = H5Dwrite(set.get(), memoryType<T>().get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
  if (status < 0) fail(path);
}

template <typename T>
void ColumnWriter::attribute(const std::string& name, const T& value) {
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  const Handle attribute(
      H5Acreate2(file_.get(), name.c_str(), diskType<T>().get(), space.get(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  if (!attribute) fail("attribute " + name);
  herr_t status = -1;
  if constexpr (std::is_same_v<T, std::string>) {
    const char* text = value.c_str();
    status = H5Awrite(attribute.get(), memoryType<T>().get(), &text);
  } else {
    status = H5Awrite(attribute.get(), memoryType<T>().get(), &value);
  }
  if (status < 0) fail("attribute " + name);
}

std::string ColumnWriter::close() {
  const bool flushed = H5Fflush(file_.get(), H5F_SCOPE_GLOBAL) >= 0;
  if (!file_.reset() || !flushed) fail("/");
  return memory_.content();
}

// ---- reading --------------------------------------------------------------------------------------------------------

ColumnReader::ColumnReader(const std::filesystem::path& file) : name_(file.string()) {
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  withoutLocks(access);
  file_ = Handle(H5Fopen(name_.c_str(), H5F_ACC_RDONLY, access.get()), H5Fclose);
  std::error_code error;
  bytes_ = std::filesystem::file_size(file, error);
  if (!file_ || error) throw InputError(name_, "no HDF5 content", "a label file", "remove it, or copy it anew");
}

// The rows of a set whose values take `width` bytes each on disk.
hsize_t ColumnReader::rows(const std::string& path, hid_t set, std::size_t width) const {
  const Handle space(H5Dget_space(set), H5Sclose), properties(H5Dget_create_plist(set), H5Pclose);
  hsize_t rows = 0;
  const int rank = H5Sget_simple_extent_ndims(space.get());
  if (rank != 1 || H5Sget_simple_extent_dims(space.get(), &rows, nullptr) != 1)
    throw InputError(place(path), std::to_string(rank) + " dimensions", "one");
  if (rows > bytes_ * kBestPacking)
    throw InputError(place(path), std::to_string(rows) + " rows in a file of " + std::to_string(bytes_) + " bytes",
                     "no more rows than the file can hold");
  const hsize_t stored = H5Dget_storage_size(set), wanted = rows * width;
  const bool packed = H5Pget_layout(properties.get()) == H5D_CHUNKED;
  if (stored > bytes_ || (packed ? stored < wanted / kBestPacking || (stored == 0 && rows > 0) : stored != wanted))
    throw InputError(place(path), std::to_string(stored) + " stored bytes for " + std::to_string(rows) + " rows",
                     "as many as the rows need");
  return rows;
}

// A few at a time: rows that share one long text must not fill the memory before their sum is known.
std::vector<std::string> ColumnReader::texts(const std::string& path, hid_t set, hsize_t rows) const {
  constexpr hsize_t kStep = 1024;
  const Handle type = memoryType<std::string>(), all(H5Dget_space(set), H5Sclose);
  std::vector<std::string> values;
  values.reserve(rows);
  std::uint64_t total = 0;
  for (hsize_t first = 0; first < rows; first += kStep) {
    const hsize_t count = std::min(kStep, rows - first);
    const Handle step(H5Screate_simple(1, &count, nullptr), H5Sclose);
    std::vector<char*> found(count, nullptr);
    const bool whole = H5Sselect_hyperslab(all.get(), H5S_SELECT_SET, &first, nullptr, &count, nullptr) >= 0 &&
                       H5Dread(set, type.get(), step.get(), all.get(), H5P_DEFAULT, found.data()) >= 0;
    for (const char* text : found) {
      if (!whole) break;
      values.emplace_back(text ? text : "");  // the library reads "" back as null
      total += values.back().size();
    }
    H5Dvlen_reclaim(type.get(), step.get(), H5P_DEFAULT, found.data());
    if (!whole) throw unreadable(place(path));
    if (total > bytes_)
      throw InputError(place(path), "more text than the file has bytes", "each text once in the file",
                       "copy the file anew");
  }
  return values;
}

template <typename T>
void ColumnReader::column(const std::string& path, std::vector<T>& values) const {
  values.clear();
  const Handle set(H5Dopen2(file_.get(), path.c_str(), H5P_DEFAULT), H5Dclose);
  if (!set) throw InputError(place(path), "no such dataset", "one, as src/store/FORMAT.md lists it");
  requireType<T>(Handle(H5Dget_type(set.get()), H5Tclose), place(path));
  if constexpr (std::is_same_v<T, std::string>) {
    values = texts(path, set.get(), rows(path, set.get(), kTextBytes));
  } else {
    values.resize(rows(path, set.get(), sizeof(T)));
    if (!values.empty() && H5Dread(set.get(), memoryType<T>().get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0)
      throw unreadable(place(path));
  }
}

template <typename T>
void ColumnReader::attribute(const std::string& name, T& value) const {
  const std::string where = place("attribute " + name);
  const Handle attribute(H5Aopen(file_.get(), name.c_str(), H5P_DEFAULT), H5Aclose);
  if (!attribute) throw InputError(where, "no such attribute", "one, as src/store/FORMAT.md lists it");
  requireType<T>(Handle(H5Aget_type(attribute.get()), H5Tclose), where);
  const Handle space(H5Aget_space(attribute.get()), H5Sclose);
  if (H5Sget_simple_extent_npoints(space.get()) != 1) throw InputError(where, "no single value", "one value");
  const Handle type = memoryType<T>();
  if constexpr (std::is_same_v<T, std::string>) {
    char* text = nullptr;
    if (H5Aread(attribute.get(), type.get(), &text) < 0) throw InputError(where, "text that cannot be read", "text");
    value = text ? text : "";
    H5Dvlen_reclaim(type.get(), space.get(), H5P_DEFAULT, &text);
  } else if (H5Aread(attribute.get(), type.get(), &value) < 0) {
    throw InputError(where, "a number that cannot be read", "a number");
  }
}

bool ColumnReader::hasAttribute(const std::string& name) const { return H5Aexists(file_.get(), name.c_str()) > 0; }

// clang-format off
template void ColumnWriter::column(const std::string&, const std::vector<std::uint8_t>&);
template void ColumnWriter::column(const std::string&, const std::vector<std::uint16_t>&);
template void ColumnWriter::column(const std::string&, const std::vector<std::uint32_t>&);
template void ColumnWriter::column(const std::string&, const std::vector<std::int32_t>&);
template void ColumnWriter::column(const std::string&, const std::vector<std::uint64_t>&);
template void ColumnWriter::column(const std::string&, const std::vector<std::int64_t>&);
template void ColumnWriter::column(const std::string&, const std::vector<float>&);
template void ColumnWriter::column(const std::string&, const std::vector<std::string>&);
template void ColumnWriter::attribute(const std::string&, const std::int32_t&);
template void ColumnWriter::attribute(const std::string&, const std::uint64_t&);
template void ColumnWriter::attribute(const std::string&, const std::string&);
template void ColumnReader::column(const std::string&, std::vector<std::uint8_t>&) const;
template void ColumnReader::column(const std::string&, std::vector<std::uint16_t>&) const;
template void ColumnReader::column(const std::string&, std::vector<std::uint32_t>&) const;
template void ColumnReader::column(const std::string&, std::vector<std::int32_t>&) const;
template void ColumnReader::column(const std::string&, std::vector<std::uint64_t>&) const;
template void ColumnReader::column(const std::string&, std::vector<std::int64_t>&) const;
template void ColumnReader::column(const std::string&, std::vector<float>&) const;
template void ColumnReader::column(const std::string&, std::vector<std::string>&) const;
template void ColumnReader::attribute(const std::string&, std::int32_t&) const;
template void ColumnReader::attribute(const std::string&, std::uint64_t&) const;
template void ColumnReader::attribute(const std::string&, std::string&) const;
// clang-format on

}  // namespace polar::hdf5
