// The little of HDF5 that the label store needs: columns, scalar attributes, two groups. Private to src/store.
//
// Every failure of the library becomes an InputError that names file and dataset; its own stack print is silenced. Not
// thread-safe, as the library is not.
#pragma once

#include <hdf5.h>

#include <cstdint>
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

// T: std::uint8_t, std::uint16_t, std::uint32_t, std::int32_t, std::uint64_t, std::int64_t, float, std::string.
class ColumnWriter {
 public:
  // Makes the file anew, with `userBlock` free bytes before the HDF5 content.
  ColumnWriter(const std::filesystem::path& file, std::size_t userBlock);

  void group(const std::string& path);
  template <typename T>
  void column(const std::string& path, const std::vector<T>& values);
  template <typename T>
  void attribute(const std::string& name, const T& value);
  // Flushes and closes; what comes after is an error.
  void close();

 private:
  [[noreturn]] void fail(const std::string& path) const;

  Quiet quiet_;
  std::string name_;
  Handle file_;
};

class ColumnReader {
 public:
  explicit ColumnReader(const std::filesystem::path& file);

  // The column's type, rank and size are checked before anything is allocated.
  template <typename T>
  void column(const std::string& path, std::vector<T>& values) const;
  template <typename T>
  void attribute(const std::string& name, T& value) const;
  bool hasAttribute(const std::string& name) const;
  // "labels/part-000001.h5: /programs/offset", for messages.
  std::string place(const std::string& path) const { return name_ + ": " + path; }

 private:
  Quiet quiet_;
  std::string name_;
  std::uint64_t bytes_ = 0;
  Handle file_;
};

}  // namespace polar::hdf5
