#include <algorithm>
#include <map>
#include <set>

#include "eval/known_policies.h"
#include "support/error.h"

namespace polar {
namespace {

struct Tally {
  std::int64_t examples = 0, right = 0;
};

// A temperature sample says nothing about the greedy answer of its program.
bool isGreedy(const LabelledProgram& labelled) { return labelled.origin != "sample"; }

std::vector<Program> rankByValidation(const std::vector<ExampleLabels>& labels) {
  std::map<Program, Tally> tallies;
  std::int64_t validation = 0;
  for (const ExampleLabels& example : labels) {
    if (example.split != "validation") continue;
    ++validation;
    std::set<Program> seen;
    for (const LabelledProgram& labelled : example.programs)
      if (isGreedy(labelled) && seen.insert(labelled.program).second) {
        Tally& tally = tallies[labelled.program];
        ++tally.examples;
        tally.right += labelled.evaluation.right() ? 1 : 0;
      }
  }
  if (validation == 0)
    throw InputError("policy 'static'", "no labels of validation examples", "some to rank programs by",
                     "raise data.validation_fraction and run polar search");
  struct Ranked {
    Program program;
    std::string text;
    std::int64_t right;
  };
  std::vector<Ranked> ranked;
  for (const auto& [program, tally] : tallies)
    if (tally.examples == validation) ranked.push_back({program, program.text(), tally.right});
  if (ranked.empty())
    throw InputError("policy 'static'", "no program that was run on all " + std::to_string(validation) +
                     " validation examples", "at least the standard program", "run polar search again");
  std::sort(ranked.begin(), ranked.end(), [](const Ranked& a, const Ranked& b) {
    if (a.right != b.right) return a.right > b.right;
    if (a.program.executed() != b.program.executed()) return a.program.executed() < b.program.executed();
    return a.text < b.text;
  });
  std::vector<Program> programs;
  for (Ranked& one : ranked) programs.push_back(std::move(one.program));
  return programs;
}

class StaticPolicy final : public Policy {
 public:
  explicit StaticPolicy(std::vector<Program> ranked) : ranked_(std::move(ranked)) {}
  std::string name() const override { return "static"; }
  std::vector<Program> rank(const Example&, int k) const override {
    const auto count = std::min(ranked_.size(), static_cast<std::size_t>(std::max(1, k)));
    return {ranked_.begin(), ranked_.begin() + static_cast<std::ptrdiff_t>(count)};
  }

 private:
  std::vector<Program> ranked_;
};

}  // namespace

std::unique_ptr<Policy> makeStaticPolicy(const PolicyContext& context) {
  if (!context.labels)
    throw InputError("policy 'static'", "no oracle labels", "those of the validation examples", "run polar search");
  return std::make_unique<StaticPolicy>(rankByValidation(*context.labels));
}

}  // namespace polar
