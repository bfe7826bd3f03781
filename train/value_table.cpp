#include "train/value_table.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <stdexcept>

#include "support/error.h"
#include "support/hash.h"

namespace polar {
namespace {

// Of the answer that a program gave to the question; 0 where it was not run on it.
double layerTokensOf(const ExampleLabels& question, const Program& program) {
  for (const LabelledProgram& label : question.programs)
    if (!label.isSample() && label.program == program)
      return static_cast<double>(label.evaluation.prefillLayerTokens + label.evaluation.decodeLayerTokens);
  return 0;
}

}  // namespace

std::vector<Program> commonMenu(const std::vector<ExampleLabels>& labels, int depth, const std::string& who) {
  std::map<Program, std::size_t> counts;
  for (const ExampleLabels& example : labels) {
    std::set<Program> seen;
    for (const LabelledProgram& label : example.programs)
      if (!label.isSample() && seen.insert(label.program).second) ++counts[label.program];
  }
  const Program standard = Program::standard(depth);
  std::vector<Program> menu;
  for (const auto& [program, count] : counts)
    if (count == labels.size() && program != standard) menu.push_back(program);
  if (menu.empty() || counts[standard] != labels.size())
    throw InputError(who, "no program beside the standard one that was run on every question",
                     "labels of a search that runs the same programs on all",
                     "use search.strategy enumerate or menu, with a budget that does not cut them short");
  std::stable_sort(menu.begin(), menu.end(), [](const Program& a, const Program& b) {
    return a.executed() != b.executed() ? a.executed() < b.executed() : a.text() < b.text();
  });
  menu.insert(menu.begin(), standard);
  return menu;
}

std::vector<float> editFeatures(const Program& program, int depth) {
  std::vector<float> features(static_cast<std::size_t>(depth), -1.0f);
  for (const LayerIndex layer : program.layers()) features[layer] += 1;
  features.push_back(static_cast<float>(program.executed()) / static_cast<float>(depth) - 1);
  features.push_back(static_cast<float>(program.unique()) / static_cast<float>(depth) - 1);
  return features;
}

ValueTable valueTable(const std::vector<ExampleLabels>& labels, const std::string& split,
                      const std::vector<Program>& menu, std::int64_t most) {
  ValueTable table{menu, {}, {}, {}};
  for (const ExampleLabels& example : labels) {
    if (example.split != split) continue;
    if (most > 0 && static_cast<std::int64_t>(table.questions.size()) == most) break;
    std::map<Program, const Evaluation*> evaluations;
    for (const LabelledProgram& label : example.programs)
      if (!label.isSample()) evaluations[label.program] = &label.evaluation;
    for (const Program& program : menu) {
      const auto found = evaluations.find(program);
      if (found == evaluations.end()) throw std::logic_error("valueTable: " + program.text() + " is not common");
      const float right = found->second->right() ? 1.0f : 0.0f, logprob = found->second->answerLogprob;
      table.right.push_back(right);
      table.probability.push_back(std::isfinite(logprob) ? std::min(1.0f, std::exp(logprob)) : right);
    }
    table.questions.push_back(&example);
  }
  return table;
}

std::size_t foldOf(const Example& example, int folds) {
  std::string text = "fold\n" + example.question;
  for (const std::string& option : example.options) text += '\n' + option;
  return static_cast<std::size_t>(stableHash(text) % static_cast<std::uint64_t>(folds));
}

std::vector<double> answerCosts(const std::vector<const ExampleLabels*>& questions, const std::vector<Program>& menu) {
  std::vector<double> costs(menu.size(), 0);
  for (const ExampleLabels* question : questions)
    for (std::size_t i = 0; i < menu.size(); ++i) costs[i] += layerTokensOf(*question, menu[i]);
  if (std::ranges::any_of(costs, [](double cost) { return cost <= 0; })) return {};
  const double unit = costs.front();
  for (double& cost : costs) cost /= unit;
  return costs;
}

double shareOfAnswer(double layerTokens, const std::vector<ExampleLabels>& labels, int depth) {
  const Program standard = Program::standard(depth);
  double total = 0;
  for (const ExampleLabels& example : labels) total += layerTokensOf(example, standard);
  return total > 0 ? layerTokens * static_cast<double>(labels.size()) / total : 1;
}

}  // namespace polar
