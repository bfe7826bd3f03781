#include <algorithm>
#include <map>

#include "eval/policies/known_policies.h"
#include "support/error.h"

namespace polar {
namespace {

std::vector<Program> rightPrograms(const ExampleLabels& labels) {
  std::vector<std::pair<Program, std::string>> right;
  for (const LabelledProgram& labelled : labels.programs)
    // A lucky temperature sample is no evidence for the greedy answer of its program.
    if (labelled.evaluation.right() && !labelled.isSample())
      right.emplace_back(labelled.program, labelled.program.text());
  std::sort(right.begin(), right.end(), [](const auto& a, const auto& b) {
    if (a.first.executed() != b.first.executed()) return a.first.executed() < b.first.executed();
    return a.second < b.second;
  });
  right.erase(std::unique(right.begin(), right.end()), right.end());
  std::vector<Program> programs;
  for (auto& [program, text] : right) programs.push_back(std::move(program));
  return programs;
}

class OraclePolicy final : public Policy {
 public:
  explicit OraclePolicy(const PolicyContext& context) : where_(context.where()), depth_(context.space.depth) {
    for (const ExampleLabels& example : *context.oracleLabels) ranked_[example.example.id] = rightPrograms(example);
  }

  std::vector<Program> rank(const Example& example, int k) const override {
    const auto found = ranked_.find(example.id);
    if (found == ranked_.end())
      throw InputError(where_, "no oracle labels of example '" + example.id + "'", "labels of every example under test",
                       "set search.oracle_test: true and run polar search, or take oracle out of eval.policies");
    std::vector<Program> programs = found->second;
    if (programs.empty()) return {Program::standard(depth_)};
    programs.resize(std::min(programs.size(), static_cast<std::size_t>(std::max(1, k))));
    return programs;
  }

 private:
  std::string where_;
  std::map<std::string, std::vector<Program>> ranked_;
  int depth_;
};

}  // namespace

std::unique_ptr<Policy> makeOraclePolicy(const PolicyContext& context) {
  if (!context.oracleLabels)
    throw InputError(context.where(), "no oracle labels of the examples under test", "those of a search on them",
                     "set search.oracle_test: true and run polar search, or take oracle out of eval.policies");
  return std::make_unique<OraclePolicy>(context);
}

}  // namespace polar
