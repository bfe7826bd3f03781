#include "train/menu_choice.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "support/error.h"
#include "train/trained_files.h"

namespace polar {
namespace {

// Of the expected gain. A few hundred questions can distinguish these; finer ones would fit noise.
constexpr double kThresholds[] = {0, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2};

std::vector<Program> readMenu(const TrainedFiles& files, int depth, int programs) {
  const OrderedJson texts = files.description().value("menu", OrderedJson());
  const std::string where = files.where() + ": menu";
  if (!texts.is_array() || texts.size() != static_cast<std::size_t>(programs))
    throw InputError(where, "no list of " + std::to_string(programs) + " programs", "one", kTrainAgain);
  std::vector<Program> menu;
  for (const OrderedJson& text : texts) {
    if (!text.is_string()) throw InputError(where, text.dump(), "programs such as \"0-7,10-11\"", kTrainAgain);
    menu.push_back(Program::parse(text.get<std::string>(), depth));
  }
  if (menu.front() != Program::standard(depth))
    throw InputError(where, menu.front().text(), "the standard program first", kTrainAgain);
  return menu;
}

// None where the model was trained on nothing that says it.
std::vector<double> readAnswerCost(const TrainedFiles& files, int programs) {
  const OrderedJson costs = files.description().value("answer_cost", OrderedJson());
  const bool isList = costs.is_array() && (costs.empty() || costs.size() == static_cast<std::size_t>(programs));
  if (!isList || !std::ranges::all_of(costs, [](const OrderedJson& cost) { return cost.is_number() && cost > 0; }))
    throw InputError(files.where() + ": answer_cost", costs.dump(),
                     "a number above 0 for each of " + std::to_string(programs) + " programs", kTrainAgain);
  return costs.get<std::vector<double>>();
}

at::Tensor asTensor(const std::vector<float>& values, std::int64_t columns) {
  return at::tensor(values).reshape({static_cast<std::int64_t>(values.size()) / columns, columns});
}

}  // namespace

std::vector<float> floatsOf(const at::Tensor& tensor) {
  const at::Tensor rows = tensor.to(at::kFloat).contiguous();
  return {rows.data_ptr<float>(), rows.data_ptr<float>() + rows.numel()};
}

MenuChoice MenuChoice::read(const TrainedFiles& files, int depth, int programs) {
  MenuChoice choice(readMenu(files, depth, programs), depth);
  HeldOut& heldOut = choice.heldOut;
  heldOut.folds = files.number<int>("folds");
  heldOut.readingCost = files.number<double>("reading_cost");
  heldOut.answerCost = readAnswerCost(files, programs);
  const int questions = files.number<int>("held_out_questions");
  if (questions > 0) {
    files.requireTensor("held_out.probability", {questions, programs});
    const at::Tensor probability = at::empty({questions, programs}), right = at::empty_like(probability);
    files.read("held_out.probability", probability);
    files.read("held_out.right", right);
    heldOut.probability = floatsOf(probability);
    heldOut.right = floatsOf(right);
  }
  return choice;
}

void MenuChoice::write(OrderedJson& description, std::map<std::string, at::Tensor>& tensors) const {
  const auto questions = heldOut.right.size() / menu_.size();
  if (questions > 0) {
    const auto columns = static_cast<std::int64_t>(menu_.size());
    tensors["held_out.probability"] = asTensor(heldOut.probability, columns);
    tensors["held_out.right"] = asTensor(heldOut.right, columns);
  }
  description["held_out_questions"] = questions;
  description["folds"] = heldOut.folds;
  description["reading_cost"] = heldOut.readingCost;
  description["answer_cost"] = heldOut.answerCost;
  description["menu"] = OrderedJson::array();
  for (const Program& program : menu_) description["menu"].push_back(program.text());
}

double MenuChoice::answerCost(std::size_t program) const {
  if (!heldOut.answerCost.empty()) return heldOut.answerCost[program];
  return static_cast<double>(menu_[program].executed()) / depth_;
}

double MenuChoice::unsharedReading(std::size_t program, int promptLayers) const {
  if (promptLayers == 0) return heldOut.readingCost;
  const int together = distinctLayers({menu_[program], Program::standard(promptLayers)});
  return heldOut.readingCost * (together - menu_[program].executed()) / promptLayers;
}

// Without gains where the threshold chooses the standard program for every question.
RuleCandidate MenuChoice::candidate(const Pricing& pricing, double threshold) const {
  const std::size_t count = menu_.size();
  RuleCandidate candidate{threshold, {}, 0};
  bool leaves = false;
  for (std::size_t from = 0; from < heldOut.right.size(); from += count) {
    const auto row = heldOut.probability.begin() + static_cast<std::ptrdiff_t>(from);
    const std::vector<double> probabilities(row, row + static_cast<std::ptrdiff_t>(count));
    const std::size_t choice = rank(probabilities, pricing, threshold, 1).front();
    leaves = leaves || choice != 0;
    const double cost = answerCost(choice) + unsharedReading(choice, pricing.promptLayers);
    candidate.gains.push_back(heldOut.right[from + choice] - heldOut.right[from] -
                              pricing.price * (cost - answerCost(0)));
    candidate.cost += cost;
  }
  candidate.cost /= static_cast<double>(std::max<std::size_t>(1, candidate.gains.size()));
  if (!leaves) candidate.gains.clear();
  return candidate;
}

ChoiceRule MenuChoice::rule(const Pricing& pricing) const {
  std::vector<RuleCandidate> candidates;
  for (const double threshold : kThresholds) {
    candidates.push_back(candidate(pricing, threshold));
    if (candidates.back().gains.empty()) candidates.pop_back();
  }
  ChoiceRule rule = bestRule(std::move(candidates));
  rule.questions = static_cast<int>(heldOut.right.size() / menu_.size());
  rule.folds = heldOut.folds;
  return rule;
}

std::vector<std::size_t> MenuChoice::fixedRanking(double price) const {
  const std::size_t count = menu_.size();
  std::vector<double> gains(count, 0);
  const auto questions = static_cast<double>(std::max<std::size_t>(1, heldOut.right.size() / count));
  for (std::size_t i = 0; i < heldOut.right.size(); ++i)
    gains[i % count] += (heldOut.right[i] - heldOut.right[i - i % count]) / questions;
  for (std::size_t i = 1; i < count; ++i) gains[i] -= price * (answerCost(i) - answerCost(0));
  return byGain(gains, std::numeric_limits<double>::infinity(), count);
}

std::vector<std::size_t> MenuChoice::rank(const std::vector<double>& probabilities, const Pricing& pricing,
                                          double threshold, std::size_t k) const {
  const auto cost = [&](std::size_t i) { return answerCost(i) + unsharedReading(i, pricing.promptLayers); };
  std::vector<double> gains(menu_.size(), 0);
  for (std::size_t i = 1; i < gains.size(); ++i)
    gains[i] = probabilities[i] - probabilities[0] - pricing.price * (cost(i) - cost(0));
  return byGain(gains, threshold, k);
}

// gains: over the standard program, whose own is 0.
std::vector<std::size_t> MenuChoice::byGain(const std::vector<double>& gains, double threshold, std::size_t k) const {
  std::vector<std::size_t> order(menu_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin() + 1, order.end(), [&](std::size_t a, std::size_t b) { return gains[a] > gains[b]; });
  const auto place = gains[order[1]] > threshold
                         ? std::find_if(order.begin() + 2, order.end(), [&](std::size_t i) { return gains[i] <= 0; })
                         : order.begin() + 1;
  std::rotate(order.begin(), order.begin() + 1, place);
  order.resize(std::min(order.size(), std::max<std::size_t>(1, k)));
  return order;
}

}  // namespace polar
