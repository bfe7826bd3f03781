#include "train/value_model.h"

#include <map>

#include "support/error.h"
#include "train/torch_seed.h"
#include "train/trained_files.h"
#include "train/value_network.h"
#include "train/value_table.h"

namespace polar {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFormat = "polar-value-3";

const ValueShape& checked(const ValueShape& shape, const std::string& where) {
  const auto require = [&](bool holds, const std::string& what, auto found, const std::string& expected) {
    if (!holds) throw InputError(where, what + " " + std::to_string(found), expected, kTrainAgain);
  };
  require(shape.depth >= 1 && shape.depth <= 4096, "depth", shape.depth, "1 to 4096");
  require(shape.inputWidth >= 1, "input width", shape.inputWidth, "at least 1");
  require(shape.programs >= 2, "a menu of", shape.programs, "at least 2 programs");
  require(shape.width >= 1, "width", shape.width, "at least 1");
  require(shape.members >= 1 && shape.members <= 100, "members", shape.members, "1 to 100");
  require(shape.dropout >= 0 && shape.dropout < 1, "dropout", shape.dropout, "in [0, 1)");
  return shape;
}

at::Tensor editRows(const std::vector<Program>& menu, int depth) {
  std::vector<float> rows;
  for (const Program& program : menu)
    for (const float feature : editFeatures(program, depth)) rows.push_back(feature);
  return torch::tensor(rows).reshape({static_cast<std::int64_t>(menu.size()), depth + 2});
}

std::string memberPrefix(std::size_t member) { return "member." + std::to_string(member) + "."; }

// Parameters and buffers of all members by name.
std::map<std::string, at::Tensor> tensorsOf(const std::vector<std::unique_ptr<ValueNetwork>>& members) {
  std::map<std::string, at::Tensor> tensors;
  for (std::size_t m = 0; m < members.size(); ++m) {
    for (const auto& item : members[m]->named_parameters()) tensors[memberPrefix(m) + item.key()] = item.value();
    for (const auto& item : members[m]->named_buffers()) tensors[memberPrefix(m) + item.key()] = item.value();
  }
  return tensors;
}

}  // namespace

ValueModel::ValueModel(const ValueShape& shape, std::vector<Program> menu, std::uint64_t seed)
    : ValueModel(shape, MenuChoice(std::move(menu), shape.depth), seed) {}

ValueModel::ValueModel(const ValueShape& shape, MenuChoice ofMenu, std::uint64_t seed)
    : MenuModel(std::move(ofMenu)), shape_(checked(shape, "value model")),
      edits_(editRows(choice.menu(), shape_.depth)) {
  const TorchSeed seeded(seed);
  for (int m = 0; m < shape_.members; ++m) {
    members_.push_back(std::make_unique<ValueNetwork>(shape_));
    members_.back()->eval();
  }
}

ValueModel::~ValueModel() = default;

std::int64_t ValueModel::parameters() const {
  std::int64_t count = 0;
  for (const auto& member : members_)
    for (const auto& parameter : member->parameters()) count += parameter.numel();
  return count;
}

std::unique_ptr<ValueModel> ValueModel::load(const fs::path& folder, int expectedDepth) {
  const TrainedFiles files(folder, "value", kFormat, "a trained value model");
  const ValueShape shape{files.number<int>("depth"), files.number<int>("input_width"), files.number<int>("programs"),
                         files.number<int>("width"), files.number<int>("members"),     files.number<double>("dropout")};
  checked(shape, files.where());
  files.requireDepth(shape.depth, expectedDepth);
  // Before anything of a size that the JSON alone names is allocated.
  files.requireTensor("member.0.first.weight", {shape.width, shape.inputWidth});
  files.requireTensor("member.0.second.weight", {shape.width, shape.width});
  files.requireTensor("member.0.programs.weight", {shape.programs, shape.width});
  files.requireTensor("member." + std::to_string(shape.members - 1) + ".programs.bias", {shape.programs});
  std::unique_ptr<ValueModel> model(new ValueModel(shape, MenuChoice::read(files, shape.depth, shape.programs), 0));
  const torch::NoGradGuard noGrad;
  for (const auto& [name, tensor] : tensorsOf(model->members_)) files.read(name, tensor);
  return model;
}

void ValueModel::save(const fs::path& folder, const std::string& extra) const {
  std::map<std::string, at::Tensor> tensors = tensorsOf(members_);
  OrderedJson json{{"format", kFormat},           {"depth", shape_.depth},     {"input_width", shape_.inputWidth},
                   {"programs", shape_.programs}, {"width", shape_.width},     {"members", shape_.members},
                   {"dropout", shape_.dropout},   {"parameters", parameters()}};
  choice.write(json, tensors);
  json["training"] = OrderedJson::parse(extra);
  writeTrained(folder, "value", tensors, std::move(json));
}

at::Tensor ValueModel::probabilities(const at::Tensor& features) const {
  requireWidth(features, "value model");
  const torch::NoGradGuard noGrad;
  at::Tensor sum;
  for (const auto& member : members_) {
    const at::Tensor each = torch::sigmoid(member->forward(features, edits_));
    sum = sum.defined() ? sum + each : each;
  }
  return sum / static_cast<double>(members_.size());
}

}  // namespace polar
