// The little of HDF5 that the label store needs: columns, scalar attributes, two groups. Private to src/store.
//
// Every failure of the library becomes an InputError that names file and dataset; its own stack print is silenced. Not
// thread-safe, as the library is not.
#pragma once

#include <hdf5.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace polar::hdf5 {

// Owns an id of the library and closes it.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);
  Handle() = default;
  Handle(hid_t id, Close close) : id_(id), close_(close) {}
  ~Handle() { reset(); }
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Handle& operator=(Handle&& other) noexcept {
    reset();
    id_ = std::exchange(other.id_, -1);
    close_ = other.close_;
    return *this;
  }

  hid_t get() const { return id_; }
  explicit operator bool() const { return id_ >= 0; }
  // Closes now; false where the library could not (a full disk shows at the latest here).
  bool reset() { return id_ < 0 || close_(std::exchange(id_, -1)) >= 0; }

 private:
  hid_t id_ = -1;
  Close close_ = nullptr;
};

// Keeps the library from printing while it lives.
class Quiet {
 public:
  Quiet();
  ~Quiet();
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;

 private:
  H5E_auto2_t print_ = nullptr;
  void* data_ = nullptr;
};

// The bytes of a file that the library makes in memory. It hands them over when it closes
// the file; what it gives out of an open one (H5Fget_file_image) has a wrong checksum.
class MemoryFile {
 public:
  MemoryFile() = default;
  ~MemoryFile() { std::free(bytes_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  // The file that is created with these access properties will be this one, which outlives it.
  void use(const Handle& access);
  // Of the closed file.
  std::string content() const { return {static_cast<const char*>(bytes_), size_}; }

 private:
  void* bytes_ = nullptr;
  std::size_t size_ = 0;
};

// T: std::uint8_t, std::uint16_t, std::uint32_t, std::int32_t, std::uint64_t, std::int64_t, float, std::string.
// Writes into memory: the library that could not write to a disk cannot close its file either, and tries again at exit.
class ColumnWriter {
 public:
  // `userBlock` zeros come before the HDF5 content; `name` is the file's, for messages.
  ColumnWriter(const std::filesystem::path& name, std::size_t userBlock);

  void group(const std::string& path);
  template <typename T>
  void column(const std::string& path, const std::vector<T>& values);
  template <typename T>
  void attribute(const std::string& name, const T& value);
  // The bytes of the finished file; what comes after is an error.
  std::string close();

 private:
  [[noreturn]] void fail(const std::string& path) const;

  Quiet quiet_;
  std::string name_;
  MemoryFile memory_;
  Handle file_;
};

class ColumnReader {
 public:
  explicit ColumnReader(const std::filesystem::path& file);

  // The column's type, rank and size, and what the file stores of it, are checked before anything is allocated.
  template <typename T>
  void column(const std::string& path, std::vector<T>& values) const;
  template <typename T>
  void attribute(const std::string& name, T& value) const;
  bool hasAttribute(const std::string& name) const;
  // "labels/part-000001.h5: /programs/offset", for messages.
  std::string place(const std::string& path) const { return name_ + ": " + path; }

 private:
  hsize_t rows(const std::string& path, hid_t set, std::size_t width) const;
  std::vector<std::string> texts(const std::string& path, hid_t set, hsize_t rows) const;

  Quiet quiet_;
  std::string name_;
  std::uint64_t bytes_ = 0;
  Handle file_;
};

}  // namespace polar::hdf5
