#include "train/predictor.h"

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "llm/weight_file.h"
#include "support/error.h"
#include "support/files.h"
#include "support/hash.h"
#include "train/decoding.h"
#include "train/predictor_network.h"

namespace polar {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using Extents = std::vector<std::int64_t>;

constexpr const char* kFormat = "polar-predictor-1";
constexpr const char* kTrainAgain = "train again: polar train CONFIG";

std::string text(const Extents& shape) {
  std::ostringstream out;
  for (std::size_t i = 0; i < shape.size(); ++i) out << (i == 0 ? "[" : ", ") << shape[i];
  out << (shape.empty() ? "[]" : "]");
  return out.str();
}

void requireShape(const PredictorShape& shape, const std::string& where) {
  const auto require = [&](bool holds, const std::string& found, const std::string& expected) {
    if (!holds) throw InputError(where, found, expected);
  };
  require(shape.depth >= 1 && shape.depth <= 4096, "depth " + std::to_string(shape.depth), "1 to 4096");
  require(shape.inputWidth >= 1, "input width " + std::to_string(shape.inputWidth), "at least 1");
  require(shape.heads >= 1 && shape.width >= 1 && shape.width % shape.heads == 0,
          "width " + std::to_string(shape.width) + " with " + std::to_string(shape.heads) + " heads",
          "a positive multiple of the heads");
  require(shape.blocks >= 1 && shape.blocks <= 64, std::to_string(shape.blocks) + " blocks", "1 to 64");
  require(shape.dropout >= 0 && shape.dropout < 1, "dropout " + std::to_string(shape.dropout), "in [0, 1)");
}

template <typename Number>
Number member(const Json& json, const std::string& key, const std::string& where) {
  const auto found = json.find(key);
  const bool fits = found != json.end() && found->is_number() &&
                    (std::is_floating_point_v<Number> || found->is_number_integer()) &&
                    std::abs(found->template get<double>()) <= 1e6;
  if (!fits)
    throw InputError(where + ": " + key, found == json.end() ? "nothing" : found->dump(), "a number", kTrainAgain);
  return found->template get<Number>();
}

// predictor.json: the shape, after the digest of the weights it belongs to was checked.
PredictorShape readDescription(const fs::path& file, const fs::path& weights) {
  const std::string where = file.string();
  const Json json = Json::parse(readFile(file), nullptr, false);
  if (!json.is_object() || json.value("format", Json()) != kFormat)
    throw InputError(where, "no description of a predictor", std::string("JSON of format ") + kFormat, kTrainAgain);
  const PredictorShape shape{member<int>(json, "depth", where),  member<int>(json, "input_width", where),
                             member<int>(json, "width", where),  member<int>(json, "heads", where),
                             member<int>(json, "blocks", where), member<double>(json, "dropout", where)};
  requireShape(shape, where);
  const std::string digest = sha256File(weights);
  if (json.value("weights_sha256", Json()) != digest)
    throw InputError(weights.string(), "SHA-256 " + digest, "the one that " + file.filename().string() + " names",
                     "the two files are of different trainings: train again");
  return shape;
}

void requireTensor(const WeightFile& file, const std::string& where, const std::string& name, const Extents& shape) {
  if (!file.has(name)) throw InputError(where + ": tensor " + name, "no such tensor", text(shape), kTrainAgain);
  if (file.shape(name) != shape)
    throw InputError(where + ": tensor " + name, "shape " + text(file.shape(name)), text(shape), kTrainAgain);
}

void requireQuestion(const at::Tensor& question, const PredictorShape& shape) {
  if (question.dim() != 2 || question.size(0) < 1 || question.size(1) != shape.inputWidth)
    throw InputError("predictor", "a question of shape " + text(question.sizes().vec()),
                     "[tokens, " + std::to_string(shape.inputWidth) + "]",
                     "use the model that the predictor was trained with, or train again");
}

}  // namespace

ProgramPredictor::ProgramPredictor(const PredictorShape& shape, std::uint64_t seed) : shape_(shape) {
  requireShape(shape, "predictor");
  const TorchSeed seeded(seed);
  network_ = std::make_unique<Network>(shape);
  network_->eval();
}

ProgramPredictor::~ProgramPredictor() = default;

std::int64_t ProgramPredictor::parameters() const {
  std::int64_t count = 0;
  for (const auto& parameter : network_->parameters()) count += parameter.numel();
  return count;
}

std::unique_ptr<ProgramPredictor> ProgramPredictor::load(const fs::path& folder, int expectedDepth) {
  const fs::path description = folder / "predictor.json", weights = folder / "predictor.safetensors";
  for (const fs::path& file : {description, weights})
    if (std::error_code ignored; !fs::exists(file, ignored))
      throw InputError(file.string(), "no such file", "a trained predictor", "run polar train CONFIG first");
  const PredictorShape shape = readDescription(description, weights);
  if (expectedDepth != 0 && shape.depth != expectedDepth)
    throw InputError(description.string(), "a predictor for a model of " + std::to_string(shape.depth) + " layers",
                     std::to_string(expectedDepth) + " layers", "train one for this model: polar train CONFIG");
  const auto file = openSafetensors(weights);
  // Before anything of a size that the JSON alone names is allocated.
  const std::string where = weights.string();
  requireTensor(*file, where, "projection.weight", {shape.width, shape.inputWidth});
  requireTensor(*file, where, "layer_embedding.weight", {shape.depth, shape.width});
  requireTensor(*file, where, "cross_attention.in_proj_weight", {3 * std::int64_t{shape.width}, shape.width});
  auto predictor = std::make_unique<ProgramPredictor>(shape, 0);
  const torch::NoGradGuard noGrad;
  for (auto& item : predictor->network_->named_parameters()) {
    requireTensor(*file, where, item.key(), item.value().sizes().vec());
    file->read(item.key(), {item.value().data_ptr<float>(), static_cast<std::size_t>(item.value().numel())});
  }
  return predictor;
}

void ProgramPredictor::save(const fs::path& folder, const std::string& extra) const {
  requireWritableFolder(folder);
  std::map<std::string, at::Tensor> parameters;
  for (const auto& item : network_->named_parameters()) parameters[item.key()] = item.value().detach().contiguous();
  std::vector<NamedTensor> tensors;
  for (const auto& [name, value] : parameters)
    tensors.push_back({name, value.sizes().vec(), {value.data_ptr<float>(), static_cast<std::size_t>(value.numel())}});
  const fs::path weights = folder / "predictor.safetensors";
  writeSafetensors(weights, tensors);
  Json json{{"format", kFormat},           {"depth", shape_.depth},     {"input_width", shape_.inputWidth},
            {"width", shape_.width},       {"heads", shape_.heads},     {"blocks", shape_.blocks},
            {"dropout", shape_.dropout},   {"parameters", this->parameters()},
            {"weights_sha256", sha256File(weights)}};
  json["training"] = Json::parse(extra);
  writeFileAtomically(folder / "predictor.json", json.dump(2) + "\n");
}

std::vector<ScoredProgram> ProgramPredictor::propose(const at::Tensor& question, int k, int beam) const {
  requireQuestion(question, shape_);
  const torch::NoGradGuard noGrad;
  const auto logits = network_->forward(question.to(at::kCPU, at::kFloat).unsqueeze(0));
  const auto boundary = logits.boundary.contiguous(), op = logits.op.contiguous();
  return decodePrograms({boundary.data_ptr<float>(), static_cast<std::size_t>(boundary.numel())},
                        {op.data_ptr<float>(), static_cast<std::size_t>(op.numel())}, k, beam);
}

}  // namespace polar
