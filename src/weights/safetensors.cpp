// Safetensors: 8 bytes of header length, a JSON header, raw little-endian data (huggingface/safetensors, README).
#include <algorithm>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "support/error.h"
#include "support/files.h"
#include "support/hash.h"
#include "support/json.h"
#include "support/mapped_file.h"
#include "weights/quantization.h"
#include "weights/weight_file.h"

namespace polar {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr const char* kFetchAgain = "the file is broken or cut short: fetch it again";

struct Tensor {
  std::vector<std::int64_t> shape;
  std::string type;
  std::span<const std::byte> bytes;
};

std::size_t valueBytes(const std::string& type) { return type == "F32" ? 4 : type == "F16" || type == "BF16" ? 2 : 0; }

std::string brief(const Json& value) {
  const std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  return text.size() > 60 ? text.substr(0, 60) + "…" : text;
}

// One mapped .safetensors file.
class Shard {
 public:
  explicit Shard(const fs::path& file) : map_(file) {
    const auto bytes = map_.bytes();
    const std::string where = file.string();
    std::uint64_t length = 0;
    if (bytes.size() < 8)
      throw InputError(where, std::to_string(bytes.size()) + " bytes", "a safetensors file", kFetchAgain);
    std::memcpy(&length, bytes.data(), 8);
    if (length > bytes.size() - 8)
      throw InputError(where, "a header length of " + std::to_string(length),
                       "at most the " + std::to_string(bytes.size() - 8) + " bytes after it", kFetchAgain);
    const char* text = reinterpret_cast<const char*>(bytes.data()) + 8;
    const Json header = parseJson({text, length}, where + ": header", "a JSON object", kFetchAgain);
    if (!header.is_object()) throw InputError(where + ": header", brief(header), "a JSON object", kFetchAgain);
    const auto data = bytes.subspan(8 + length);
    for (const auto& [name, entry] : header.items())
      if (name != "__metadata__") tensors_.emplace(name, parseEntry(where + ": tensor " + name, entry, data));
    requireTiles(where, data);
  }

  const std::map<std::string, Tensor>& tensors() const { return tensors_; }

 private:
  // The format's own rule: tensors cover the data without gap,
  // overlap or rest. Else offsets, types or shapes are wrong.
  void requireTiles(const std::string& where, std::span<const std::byte> data) const {
    std::vector<std::pair<std::span<const std::byte>, const std::string*>> parts;
    for (const auto& [name, tensor] : tensors_) parts.emplace_back(tensor.bytes, &name);
    const auto place = [](const auto& part) { return std::pair(part.first.data(), part.first.size()); };
    std::ranges::sort(parts, {}, place);
    const std::byte* next = data.data();
    for (const auto& [bytes, name] : parts) {
      if (bytes.data() != next)
        throw InputError(
            where + ": tensor " + *name, "data from byte " + std::to_string(bytes.data() - data.data()) + " on",
            "data from byte " + std::to_string(next - data.data()) + " on, where the tensor before it ends",
            kFetchAgain);
      next += bytes.size();
    }
    const auto rest = data.data() + data.size() - next;
    if (rest > 0) throw InputError(where, std::to_string(rest) + " bytes after the last tensor", "none", kFetchAgain);
  }

  static Tensor parseEntry(const std::string& where, const Json& entry, std::span<const std::byte> data) {
    const auto isCount = [](const Json& value) { return value.is_number_unsigned(); };
    const bool whole =
        entry.is_object() && entry.contains("dtype") && entry["dtype"].is_string() && entry.contains("shape") &&
        entry["shape"].is_array() && std::all_of(entry["shape"].begin(), entry["shape"].end(), isCount) &&
        entry.contains("data_offsets") && entry["data_offsets"].is_array() && entry["data_offsets"].size() == 2 &&
        std::all_of(entry["data_offsets"].begin(), entry["data_offsets"].end(), isCount);
    if (!whole) throw InputError(where, brief(entry), "dtype, shape and data_offsets", kFetchAgain);
    Tensor tensor;
    tensor.type = entry["dtype"].get<std::string>();
    const std::size_t width = valueBytes(tensor.type);
    if (width == 0)
      throw InputError(where, "dtype " + tensor.type, "F32, F16 or BF16", "save the model in one of these types");
    std::uint64_t values = 1;
    for (const Json& extent : entry["shape"]) {
      const auto size = extent.get<std::uint64_t>();
      if (size != 0 && values > data.size() / size)
        throw InputError(where, "shape " + brief(entry["shape"]), "no more values than the file has bytes",
                         kFetchAgain);
      values *= size;
      tensor.shape.push_back(static_cast<std::int64_t>(size));
    }
    const auto begin = entry["data_offsets"][0].get<std::uint64_t>(),
               end = entry["data_offsets"][1].get<std::uint64_t>();
    if (begin > end || end > data.size() || end - begin != values * width)
      throw InputError(where, "data_offsets " + brief(entry["data_offsets"]),
                       std::to_string(values * width) + " bytes within the file's " + std::to_string(data.size()),
                       kFetchAgain);
    tensor.bytes = data.subspan(begin, end - begin);
    return tensor;
  }

  MappedFile map_;
  std::map<std::string, Tensor> tensors_;
};

class Safetensors final : public WeightFile {
 public:
  Safetensors(std::vector<fs::path> files, std::string where) : files_(std::move(files)), where_(std::move(where)) {
    for (const fs::path& file : files_) {
      shards_.emplace_back(file);
      for (const auto& [name, tensor] : shards_.back().tensors())
        if (!index_.emplace(name, tensor).second)
          throw InputError(file.string() + ": tensor " + name, "it in an earlier file too", "each tensor once",
                           kFetchAgain);
    }
  }

  std::vector<std::string> names() const override {
    std::vector<std::string> names;
    for (const auto& [name, tensor] : index_) names.push_back(name);
    return names;
  }
  bool has(const std::string& name) const override { return index_.contains(name); }
  std::vector<std::int64_t> shape(const std::string& name) const override { return tensor(name).shape; }
  std::string type(const std::string& name) const override { return tensor(name).type; }

  void read(const std::string& name, std::span<float> out) const override {
    const Tensor& from = tensor(name);
    const std::size_t width = valueBytes(from.type);
    if (out.size() * width != from.bytes.size()) throw std::logic_error("Safetensors::read: wrong buffer size");
    if (out.empty()) return;  // its pointer may be null
    if (width == 4)
      std::memcpy(out.data(), from.bytes.data(), from.bytes.size());
    else
      widen(from, out);
  }

  std::string sha256() const override {
    if (files_.size() == 1) return sha256File(files_.front());
    std::string digests;
    for (const fs::path& file : files_) digests += sha256File(file);
    return polar::sha256(digests);
  }

 private:
  static void widen(const Tensor& from, std::span<float> out) {
    const auto convert = from.type == "F16" ? halfToFloat : bfloatToFloat;
    for (std::size_t i = 0; i < out.size(); ++i) {
      std::uint16_t bits;
      std::memcpy(&bits, from.bytes.data() + 2 * i, 2);
      out[i] = convert(bits);
    }
  }

  const Tensor& tensor(const std::string& name) const {
    const auto found = index_.find(name);
    if (found == index_.end()) throw InputError(where_ + ": tensor " + name, "no such tensor", "one");
    return found->second;
  }

  std::vector<fs::path> files_;
  std::string where_;
  std::vector<Shard> shards_;
  std::map<std::string, Tensor> index_;
};

std::vector<fs::path> shardsOf(const fs::path& index) {
  const Json json = parseJson(readFile(index), index.string(), "a safetensors index", kFetchAgain);
  if (!json.is_object() || !json.contains("weight_map") || !json["weight_map"].is_object())
    throw InputError(index.string(), "no weight_map", "a safetensors index", kFetchAgain);
  std::set<fs::path> files;
  for (const auto& [name, file] : json["weight_map"].items()) {
    // A shard is beside its index: a name with a folder in it would reach outside the model.
    if (!file.is_string() || fs::path(file.get<std::string>()).has_parent_path())
      throw InputError(index.string() + ": weight_map." + name, brief(file), "the name of a file in the same folder");
    files.insert(index.parent_path() / file.get<std::string>());
  }
  return {files.begin(), files.end()};
}

}  // namespace

std::unique_ptr<WeightFile> openSafetensors(const fs::path& path) {
  if (!fs::is_directory(path)) return std::make_unique<Safetensors>(std::vector{path}, path.string());
  if (fs::exists(path / "model.safetensors"))
    return std::make_unique<Safetensors>(std::vector{path / "model.safetensors"},
                                         (path / "model.safetensors").string());
  const fs::path index = path / "model.safetensors.index.json";
  if (!fs::exists(index))
    throw InputError(path.string(), "neither model.safetensors nor model.safetensors.index.json", "one of them",
                     "pickled .bin weights are not read: save the model with safe_serialization=True");
  return std::make_unique<Safetensors>(shardsOf(index), index.string());
}

void writeSafetensors(const fs::path& file, std::span<const NamedTensor> tensors) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  std::string data;
  for (const NamedTensor& tensor : tensors) {
    const std::size_t begin = data.size();
    data.append(reinterpret_cast<const char*>(tensor.values.data()), tensor.values.size_bytes());
    header[tensor.name] = {{"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {begin, data.size()}}};
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');  // data starts aligned
  const std::uint64_t length = text.size();
  std::string content(reinterpret_cast<const char*>(&length), 8);
  writeFileAtomically(file, content + text + data);
}

}  // namespace polar
