#include "train/chooser_model.h"

#include <ATen/ATen.h>

#include "train/trained_files.h"

namespace polar {
namespace {

constexpr const char* kChooserFormat = "polar-chooser-2";

void requireChooserShape(const ChooserShape& shape, const std::string& where) {
  const auto require = [&](bool holds, const std::string& what, int found, const std::string& expected) {
    if (!holds) throw InputError(where, what + " " + std::to_string(found), expected, kTrainAgain);
  };
  require(shape.depth >= 1 && shape.depth <= 4096, "depth", shape.depth, "1 to 4096");
  require(shape.inputWidth >= 1, "input width", shape.inputWidth, "at least 1");
  require(shape.programs >= 2, "a menu of", shape.programs, "at least 2 programs");
  require(shape.components >= 1 && shape.components <= shape.inputWidth, "components", shape.components,
          "1 to the input width, " + std::to_string(shape.inputWidth));
  require(shape.rank >= 1, "rank", shape.rank, "at least 1");
}

}  // namespace

ChooserModel::ChooserModel(const ChooserShape& shape, MenuChoice ofMenu) : MenuModel(std::move(ofMenu)), shape_(shape) {
  requireChooserShape(shape_, "chooser model");
  weights = {at::zeros({shape.inputWidth}),
             at::ones({shape.inputWidth}),
             at::zeros({shape.components, shape.inputWidth}),
             at::zeros({shape.programs}),
             at::zeros({shape.programs, shape.rank}),
             at::zeros({shape.rank, shape.components}),
             at::zeros({shape.programs + 2})};
}

std::map<std::string, at::Tensor> ChooserModel::tensors() const {
  return {{"mean", weights.mean},
          {"scale", weights.scale},
          {"components", weights.components},
          {"intercepts", weights.intercepts},
          {"programs", weights.programs},
          {"interaction", weights.interaction},
          {"calibration", weights.calibration}};
}

std::unique_ptr<ChooserModel> ChooserModel::load(const std::filesystem::path& folder, const std::string& name,
                                                 int expectedDepth) {
  const TrainedFiles files(folder, name, kChooserFormat, "a trained " + name + " model");
  const ChooserShape shape{files.number<int>("depth"), files.number<int>("input_width"), files.number<int>("programs"),
                           files.number<int>("components"), files.number<int>("rank")};
  requireChooserShape(shape, files.where());
  files.requireDepth(shape.depth, expectedDepth);
  // Before anything of a size that the JSON alone names is allocated.
  files.requireTensor("components", {shape.components, shape.inputWidth});
  files.requireTensor("programs", {shape.programs, shape.rank});
  files.requireTensor("interaction", {shape.rank, shape.components});
  auto model = std::make_unique<ChooserModel>(shape, MenuChoice::read(files, shape.depth, shape.programs));
  for (const auto& [tensor, value] : model->tensors()) files.read(tensor, value);
  return model;
}

void ChooserModel::save(const std::filesystem::path& folder, const std::string& name, const std::string& extra) const {
  std::map<std::string, at::Tensor> all = tensors();
  OrderedJson json{{"format", kChooserFormat},    {"depth", shape_.depth},           {"input_width", shape_.inputWidth},
                   {"programs", shape_.programs}, {"components", shape_.components}, {"rank", shape_.rank}};
  choice.write(json, all);
  json["training"] = OrderedJson::parse(extra);
  writeTrained(folder, name, all, std::move(json));
}

at::Tensor ChooserModel::scores(const at::Tensor& features) const {
  requireWidth(features, "chooser model");
  const auto exact = [](const at::Tensor& tensor) { return tensor.to(at::kDouble); };
  const at::Tensor z =
      at::matmul((exact(features) - exact(weights.mean)) / exact(weights.scale), exact(weights.components).t());
  const at::Tensor changed = at::matmul(at::matmul(z, exact(weights.interaction).t()), exact(weights.programs).t());
  return at::log_softmax(exact(weights.intercepts) + changed, -1);
}

at::Tensor ChooserModel::probabilities(const at::Tensor& features) const {
  return ScoreCalibration{weights.calibration}.probabilities(scores(features)).to(at::kFloat);
}

}  // namespace polar
