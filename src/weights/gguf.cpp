#include "weights/gguf.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "support/error.h"
#include "support/hash.h"
#include "weights/quantization.h"

namespace polar {
namespace {

enum ValueType : std::uint32_t {
  kUint8,
  kInt8,
  kUint16,
  kInt16,
  kUint32,
  kInt32,
  kFloat32,
  kBool,
  kString,
  kArray,
  kUint64,
  kInt64,
  kFloat64
};

// Reads forward through the header; every length is checked against what is left.
class Cursor {
 public:
  Cursor(std::span<const std::byte> bytes, std::string file) : bytes_(bytes), file_(std::move(file)) {}

  std::size_t position() const { return position_; }
  std::size_t left() const { return bytes_.size() - position_; }

  template <typename T>
  T take(const std::string& what) {
    T value;
    std::memcpy(&value, takeBytes(sizeof value, what).data(), sizeof value);
    return value;
  }

  std::string takeString(const std::string& what) {
    const auto length = take<std::uint64_t>(what);
    const auto bytes = takeBytes(length, what);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  std::span<const std::byte> takeBytes(std::uint64_t count, const std::string& what) {
    if (count > left())
      throw InputError(file_ + ": " + what,
                       "a length of " + std::to_string(count) + " bytes at byte " + std::to_string(position_),
                       "at most the " + std::to_string(left()) + " bytes that are left",
                       "the file is broken or cut short: fetch it again");
    const auto taken = bytes_.subspan(position_, count);
    position_ += count;
    return taken;
  }

  void check(bool holds, const std::string& what, const std::string& found, const std::string& expected) const {
    if (!holds)
      throw InputError(file_ + ": " + what, found, expected, "the file is broken or cut short: fetch it again");
  }

 private:
  std::span<const std::byte> bytes_;
  std::string file_;
  std::size_t position_ = 0;
};

bool isInteger(std::uint32_t type) { return type <= kInt32 || type == kUint64 || type == kInt64; }
bool isFloat(std::uint32_t type) { return type == kFloat32 || type == kFloat64; }

std::int64_t takeInteger(Cursor& cursor, std::uint32_t type, const std::string& key) {
  switch (type) {
    case kUint8:
      return cursor.take<std::uint8_t>(key);
    case kInt8:
      return cursor.take<std::int8_t>(key);
    case kUint16:
      return cursor.take<std::uint16_t>(key);
    case kInt16:
      return cursor.take<std::int16_t>(key);
    case kUint32:
      return cursor.take<std::uint32_t>(key);
    case kInt32:
      return cursor.take<std::int32_t>(key);
    case kUint64:
      return static_cast<std::int64_t>(cursor.take<std::uint64_t>(key));
    default:
      return cursor.take<std::int64_t>(key);
  }
}

double takeFloat(Cursor& cursor, std::uint32_t type, const std::string& key) {
  return type == kFloat32 ? static_cast<double>(cursor.take<float>(key)) : cursor.take<double>(key);
}

GgufValue takeArray(Cursor& cursor, const std::string& key) {
  const auto type = cursor.take<std::uint32_t>(key);
  const auto count = cursor.take<std::uint64_t>(key);
  // Every element takes at least a byte, so this bounds what is allocated by the file's own size.
  cursor.check(count <= cursor.left(), key, "an array of " + std::to_string(count) + " values",
               "one that fits the file");
  if (type == kString) {
    std::vector<std::string> values;
    for (std::uint64_t i = 0; i < count; ++i) values.push_back(cursor.takeString(key));
    return values;
  }
  if (isFloat(type)) {
    std::vector<double> values;
    for (std::uint64_t i = 0; i < count; ++i) values.push_back(takeFloat(cursor, type, key));
    return values;
  }
  cursor.check(isInteger(type) || type == kBool, key, "an array of value type " + std::to_string(type),
               "an array of numbers, booleans or strings");
  std::vector<std::int64_t> values;
  for (std::uint64_t i = 0; i < count; ++i)
    values.push_back(type == kBool ? cursor.take<std::uint8_t>(key) : takeInteger(cursor, type, key));
  return values;
}

GgufValue takeValue(Cursor& cursor, const std::string& key) {
  const auto type = cursor.take<std::uint32_t>(key);
  if (type == kString) return cursor.takeString(key);
  if (type == kArray) return takeArray(cursor, key);
  if (type == kBool) return cursor.take<std::uint8_t>(key) != 0;
  if (isFloat(type)) return takeFloat(cursor, type, key);
  cursor.check(isInteger(type), key, "value type " + std::to_string(type), "a GGUF value type from 0 to 12");
  return takeInteger(cursor, type, key);
}

}  // namespace

GgufFile::GgufFile(const std::filesystem::path& file) : path_(file), map_(file) { parse(); }

void GgufFile::parse() {
  Cursor cursor(map_.bytes(), path_.string());
  const auto magic = cursor.takeBytes(4, "magic number");
  if (std::memcmp(magic.data(), "GGUF", 4) != 0)
    throw InputError(path_.string(), "no GGUF magic number at its start", "a GGUF file");
  const auto version = cursor.take<std::uint32_t>("version");
  if (version != 2 && version != 3)
    throw InputError(path_.string() + ": version", std::to_string(version), "GGUF version 2 or 3 (little endian)");
  const auto tensorCount = cursor.take<std::uint64_t>("tensor count");
  const auto keyCount = cursor.take<std::uint64_t>("key count");

  for (std::uint64_t i = 0; i < keyCount; ++i) {
    const std::string key = cursor.takeString("key " + std::to_string(i));
    cursor.check(metadata_.emplace(key, takeValue(cursor, key)).second, key, "it twice", "each key once");
  }

  struct Placed {
    std::string name;
    Tensor tensor;
    std::uint64_t offset, size;
  };
  std::vector<Placed> placed;
  for (std::uint64_t i = 0; i < tensorCount; ++i) {
    Placed next{cursor.takeString("tensor " + std::to_string(i)), {}, 0, 0};
    const std::string where = "tensor " + next.name;
    const auto rank = cursor.take<std::uint32_t>(where);
    cursor.check(rank >= 1 && rank <= 4, where, "rank " + std::to_string(rank), "a rank from 1 to 4");
    std::uint64_t values = 1;
    for (std::uint32_t axis = 0; axis < rank; ++axis) {
      const auto extent = cursor.take<std::uint64_t>(where);
      cursor.check(extent >= 1 && extent <= (std::uint64_t{1} << 40) / values, where,
                   "an extent of " + std::to_string(extent), "at least 1 and at most 2^40 values in all");
      values *= extent;
      next.tensor.shape.insert(next.tensor.shape.begin(), static_cast<std::int64_t>(extent));  // GGUF: innermost first
    }
    next.tensor.type = cursor.take<std::uint32_t>(where);
    next.offset = cursor.take<std::uint64_t>(where);
    const BlockFormat* format = blockFormat(next.tensor.type);
    if (!format)
      throw InputError(path_.string() + ": " + where, "ggml type " + std::to_string(next.tensor.type),
                       "one of " + blockFormatNames(), "convert the model to one of these types");
    cursor.check(static_cast<std::uint64_t>(next.tensor.shape.back()) % format->blockValues == 0, where,
                 "rows of " + std::to_string(next.tensor.shape.back()) + " values",
                 "a multiple of " + std::to_string(format->blockValues) + " for " + format->name);
    next.size = values / format->blockValues * format->blockBytes;
    placed.push_back(std::move(next));
  }

  const std::uint64_t alignment =
      hasKey("general.alignment") ? static_cast<std::uint64_t>(integer("general.alignment")) : 32;
  cursor.check(alignment >= 1 && alignment <= 1 << 20, "general.alignment", std::to_string(alignment), "1 to 2^20");
  const auto aligned = [&](std::uint64_t place) { return (place + alignment - 1) / alignment * alignment; };
  const std::uint64_t start = aligned(cursor.position());
  const std::uint64_t available = map_.bytes().size() > start ? map_.bytes().size() - start : 0;
  // Tensors cover the data, each from the next aligned byte on: else offsets, types or shapes are wrong.
  std::ranges::sort(placed, {}, &Placed::offset);
  std::uint64_t expected = 0;
  for (Placed& next : placed) {
    cursor.check(next.offset <= available && next.size <= available - next.offset, "tensor " + next.name,
                 "data from byte " + std::to_string(next.offset) + " on, " + std::to_string(next.size) + " long",
                 "an end within the file's " + std::to_string(available) + " data bytes");
    next.tensor.bytes = map_.bytes().subspan(start + next.offset, next.size);
    cursor.check(tensors_.emplace(next.name, std::move(next.tensor)).second, "tensor " + next.name, "it twice",
                 "each tensor once");
    cursor.check(
        next.offset == expected, "tensor " + next.name, "data from byte " + std::to_string(next.offset) + " on",
        "data from byte " + std::to_string(expected) + " on, the first aligned one after the tensor before it");
    expected = aligned(next.offset + next.size);
  }
  cursor.check(placed.empty() || available <= expected, "end",
               std::to_string(available - expected) + " bytes after the last tensor", "none");
}

template <typename T>
const T& GgufFile::value(const std::string& key, const char* kind) const {
  const auto found = metadata_.find(key);
  if (found == metadata_.end())
    throw InputError(path_.string() + ": " + key, "no such key", std::string("a key with ") + kind);
  if (const T* typed = std::get_if<T>(&found->second)) return *typed;
  throw InputError(path_.string() + ": " + key, "a value of another type", kind);
}

std::int64_t GgufFile::integer(const std::string& key) const { return value<std::int64_t>(key, "an integer"); }

bool GgufFile::flag(const std::string& key) const { return value<bool>(key, "true or false"); }

double GgufFile::number(const std::string& key) const {
  const auto found = metadata_.find(key);
  if (found != metadata_.end())
    if (const auto* whole = std::get_if<std::int64_t>(&found->second)) return static_cast<double>(*whole);
  return value<double>(key, "a number");
}

const std::string& GgufFile::text(const std::string& key) const { return value<std::string>(key, "a string"); }

const std::vector<std::string>& GgufFile::texts(const std::string& key) const {
  return value<std::vector<std::string>>(key, "an array of strings");
}

const std::vector<std::int64_t>& GgufFile::integers(const std::string& key) const {
  return value<std::vector<std::int64_t>>(key, "an array of integers");
}

std::vector<std::string> GgufFile::names() const {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors_) names.push_back(name);
  return names;
}

bool GgufFile::has(const std::string& name) const { return tensors_.contains(name); }

const GgufFile::Tensor& GgufFile::tensor(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) throw InputError(path_.string() + ": tensor " + name, "no such tensor", "one");
  return found->second;
}

std::vector<std::int64_t> GgufFile::shape(const std::string& name) const { return tensor(name).shape; }

std::string GgufFile::type(const std::string& name) const { return blockFormat(tensor(name).type)->name; }

void GgufFile::read(const std::string& name, std::span<float> out) const {
  const Tensor& from = tensor(name);
  const BlockFormat& format = *blockFormat(from.type);
  const std::size_t blocks = from.bytes.size() / format.blockBytes;
  if (out.size() != blocks * format.blockValues) throw std::logic_error("GgufFile::read: wrong buffer size");
  for (std::size_t i = 0; i < blocks; ++i)
    format.dequantize(from.bytes.data() + i * format.blockBytes, out.data() + i * format.blockValues);
}

std::string GgufFile::sha256() const { return sha256File(path_); }

}  // namespace polar
