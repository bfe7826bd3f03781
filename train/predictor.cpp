#include "train/predictor.h"

#include <map>

#include "support/error.h"
#include "train/predictor_network.h"
#include "train/torch_seed.h"
#include "train/trained_files.h"

namespace polar {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFormat = "polar-predictor-1";

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

void requireQuestion(const at::Tensor& question, const PredictorShape& shape) {
  if (question.dim() != 2 || question.size(0) < 1 || question.size(1) != shape.inputWidth)
    throw InputError("predictor", "a question of shape " + extentsText(question.sizes().vec()),
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
  const TrainedFiles files(folder, "predictor", kFormat, "a trained predictor");
  const PredictorShape shape{files.number<int>("depth"),  files.number<int>("input_width"),
                             files.number<int>("width"),  files.number<int>("heads"),
                             files.number<int>("blocks"), files.number<double>("dropout")};
  requireShape(shape, files.where());
  files.requireDepth(shape.depth, expectedDepth);
  // Before anything of a size that the JSON alone names is allocated.
  files.requireTensor("projection.weight", {shape.width, shape.inputWidth});
  files.requireTensor("layer_embedding.weight", {shape.depth, shape.width});
  files.requireTensor("cross_attention.in_proj_weight", {3 * std::int64_t{shape.width}, shape.width});
  auto predictor = std::make_unique<ProgramPredictor>(shape, 0);
  const torch::NoGradGuard noGrad;
  for (auto& item : predictor->network_->named_parameters()) files.read(item.key(), item.value());
  return predictor;
}

void ProgramPredictor::save(const fs::path& folder, const std::string& extra) const {
  std::map<std::string, at::Tensor> parameters;
  for (const auto& item : network_->named_parameters()) parameters[item.key()] = item.value();
  OrderedJson json{{"format", kFormat},         {"depth", shape_.depth},           {"input_width", shape_.inputWidth},
                   {"width", shape_.width},     {"heads", shape_.heads},           {"blocks", shape_.blocks},
                   {"dropout", shape_.dropout}, {"parameters", this->parameters()}};
  json["training"] = OrderedJson::parse(extra);
  writeTrained(folder, "predictor", parameters, std::move(json));
}

std::vector<ScoredProgram> ProgramPredictor::propose(const at::Tensor& question, int k, int beam) const {
  requireQuestion(question, shape_);
  const torch::NoGradGuard noGrad;
  return proposals(network_->forward(question.to(at::kCPU, at::kFloat).unsqueeze(0)), k, beam);
}

}  // namespace polar
