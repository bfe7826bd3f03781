#include "train/value_model.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>

#include "support/error.h"
#include "train/torch_seed.h"
#include "train/trained_files.h"
#include "train/value_network.h"
#include "train/value_table.h"

namespace polar {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFormat = "polar-value-2";

// Of the expected gain. A few hundred questions can distinguish these; finer ones would fit noise.
constexpr double kThresholds[] = {0, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2};

void requireShape(const ValueShape& shape, const std::string& where) {
  const auto require = [&](bool holds, const std::string& what, auto found, const std::string& expected) {
    if (!holds) throw InputError(where, what + " " + std::to_string(found), expected, kTrainAgain);
  };
  require(shape.depth >= 1 && shape.depth <= 4096, "depth", shape.depth, "1 to 4096");
  require(shape.inputWidth >= 1, "input width", shape.inputWidth, "at least 1");
  require(shape.programs >= 2, "a menu of", shape.programs, "at least 2 programs");
  require(shape.width >= 1, "width", shape.width, "at least 1");
  require(shape.members >= 1 && shape.members <= 100, "members", shape.members, "1 to 100");
  require(shape.dropout >= 0 && shape.dropout < 1, "dropout", shape.dropout, "in [0, 1)");
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

std::vector<Program> readMenu(const TrainedFiles& files, const ValueShape& shape) {
  const OrderedJson texts = files.description().value("menu", OrderedJson());
  const std::string where = files.where() + ": menu";
  if (!texts.is_array() || texts.size() != static_cast<std::size_t>(shape.programs))
    throw InputError(where, "no list of " + std::to_string(shape.programs) + " programs", "one", kTrainAgain);
  std::vector<Program> menu;
  for (const OrderedJson& text : texts) {
    if (!text.is_string()) throw InputError(where, text.dump(), "programs such as \"0-7,10-11\"", kTrainAgain);
    menu.push_back(Program::parse(text.get<std::string>(), shape.depth));
  }
  if (menu.front() != Program::standard(shape.depth))
    throw InputError(where, menu.front().text(), "the standard program first", kTrainAgain);
  return menu;
}

at::Tensor asTensor(const std::vector<float>& values, std::int64_t columns) {
  return torch::tensor(values).reshape({static_cast<std::int64_t>(values.size()) / columns, columns});
}

std::vector<float> asVector(const at::Tensor& tensor) {
  const at::Tensor rows = tensor.contiguous();
  return {rows.data_ptr<float>(), rows.data_ptr<float>() + rows.numel()};
}

}  // namespace

ValueModel::ValueModel(const ValueShape& shape, std::vector<Program> menu, std::uint64_t seed)
    : shape_(shape), menu_(std::move(menu)) {
  requireShape(shape_, "value model");
  edits_ = editRows(menu_, shape_.depth);
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
  requireShape(shape, files.where());
  files.requireDepth(shape.depth, expectedDepth);
  // Before anything of a size that the JSON alone names is allocated.
  files.requireTensor("member.0.first.weight", {shape.width, shape.inputWidth});
  files.requireTensor("member.0.second.weight", {shape.width, shape.width});
  files.requireTensor("member.0.programs.weight", {shape.programs, shape.width});
  files.requireTensor("member." + std::to_string(shape.members - 1) + ".programs.bias", {shape.programs});
  auto model = std::make_unique<ValueModel>(shape, readMenu(files, shape), 0);
  const torch::NoGradGuard noGrad;
  for (const auto& [name, tensor] : tensorsOf(model->members_)) files.read(name, tensor);
  HeldOut& heldOut = model->heldOut;
  heldOut.folds = files.number<int>("folds");
  heldOut.readingCost = files.number<double>("reading_cost");
  const int questions = files.number<int>("held_out_questions");
  if (questions > 0) {
    files.requireTensor("held_out.probability", {questions, shape.programs});
    const at::Tensor probability = torch::empty({questions, shape.programs}), right = torch::empty_like(probability);
    files.read("held_out.probability", probability);
    files.read("held_out.right", right);
    heldOut.probability = asVector(probability);
    heldOut.right = asVector(right);
  }
  return model;
}

void ValueModel::save(const fs::path& folder, const std::string& extra) const {
  std::map<std::string, at::Tensor> tensors = tensorsOf(members_);
  const auto questions = heldOut.right.size() / menu_.size();
  if (questions > 0) {
    tensors["held_out.probability"] = asTensor(heldOut.probability, shape_.programs);
    tensors["held_out.right"] = asTensor(heldOut.right, shape_.programs);
  }
  OrderedJson json{{"format", kFormat},
                   {"depth", shape_.depth},
                   {"input_width", shape_.inputWidth},
                   {"programs", shape_.programs},
                   {"width", shape_.width},
                   {"members", shape_.members},
                   {"dropout", shape_.dropout},
                   {"parameters", parameters()},
                   {"held_out_questions", questions},
                   {"folds", heldOut.folds},
                   {"reading_cost", heldOut.readingCost}};
  json["menu"] = OrderedJson::array();
  for (const Program& program : menu_) json["menu"].push_back(program.text());
  json["training"] = OrderedJson::parse(extra);
  writeTrained(folder, "value", tensors, std::move(json));
}

at::Tensor ValueModel::probabilities(const at::Tensor& features) const {
  if (features.size(-1) != shape_.inputWidth)
    throw InputError("value model", "question features of width " + std::to_string(features.size(-1)),
                     std::to_string(shape_.inputWidth),
                     "use the model and train.value.layers that it was trained with, or train again");
  const torch::NoGradGuard noGrad;
  at::Tensor sum;
  for (const auto& member : members_) {
    const at::Tensor each = torch::sigmoid(member->forward(features, edits_));
    sum = sum.defined() ? sum + each : each;
  }
  return sum / static_cast<double>(members_.size());
}

double ValueModel::layerCost(std::size_t program, double price) const {
  return price * (menu_[program].executed() - shape_.depth) / shape_.depth;
}

double ValueModel::unshared(std::size_t program, int promptLayers) const {
  if (promptLayers == 0) return 1;
  const int together = distinctLayers({menu_[program], Program::standard(promptLayers)});
  return static_cast<double>(together - menu_[program].executed()) / promptLayers;
}

// Without gains where the threshold chooses the standard program for every question.
RuleCandidate ValueModel::candidate(double price, double threshold, int promptLayers) const {
  const std::size_t count = menu_.size();
  RuleCandidate candidate{threshold, {}};
  bool leaves = false;
  for (std::size_t from = 0; from < heldOut.right.size(); from += count) {
    const auto row = heldOut.probability.begin() + static_cast<std::ptrdiff_t>(from);
    const std::vector<double> probabilities(row, row + static_cast<std::ptrdiff_t>(count));
    const std::size_t choice = rank(probabilities, price, threshold, 1).front();
    leaves = leaves || choice != 0;
    candidate.gains.push_back(heldOut.right[from + choice] - heldOut.right[from] - layerCost(choice, price) -
                              price * heldOut.readingCost * unshared(choice, promptLayers));
  }
  if (!leaves) candidate.gains.clear();
  return candidate;
}

ChoiceRule ValueModel::rule(double price, int promptLayers) const {
  std::vector<RuleCandidate> candidates;
  for (const double threshold : kThresholds) {
    candidates.push_back(candidate(price, threshold, promptLayers));
    if (candidates.back().gains.empty()) candidates.pop_back();
  }
  ChoiceRule rule = bestRule(std::move(candidates));
  rule.questions = static_cast<int>(heldOut.right.size() / menu_.size());
  rule.folds = heldOut.folds;
  return rule;
}

std::vector<std::size_t> ValueModel::fixedRanking(double price) const {
  const std::size_t count = menu_.size();
  std::vector<double> rightAnswers(count, 0);
  for (std::size_t i = 0; i < heldOut.right.size(); ++i) rightAnswers[i % count] += heldOut.right[i];
  const auto questions = static_cast<double>(std::max<std::size_t>(1, heldOut.right.size() / count));
  for (double& share : rightAnswers) share /= questions;
  return rank(rightAnswers, price, std::numeric_limits<double>::infinity(), count);
}

std::vector<std::size_t> ValueModel::rank(const std::vector<double>& probabilities, double price, double threshold,
                                          std::size_t k) const {
  const auto gain = [&](std::size_t i) { return probabilities[i] - probabilities[0] - layerCost(i, price); };
  std::vector<std::size_t> order(menu_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin() + 1, order.end(), [&](std::size_t a, std::size_t b) { return gain(a) > gain(b); });
  // The standard program's own gain is 0.
  const auto place = gain(order[1]) > threshold
                         ? std::find_if(order.begin() + 2, order.end(), [&](std::size_t i) { return gain(i) <= 0; })
                         : order.begin() + 1;
  std::rotate(order.begin(), order.begin() + 1, place);
  order.resize(std::min(order.size(), std::max<std::size_t>(1, k)));
  return order;
}

}  // namespace polar
