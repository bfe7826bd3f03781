#include <algorithm>

#include "eval/known_policies.h"
#include "eval/program_ranking.h"
#include "support/error.h"

namespace polar {
namespace {

std::vector<Program> rankByValidation(const std::vector<ExampleLabels>& labels) {
  const auto isValidation = [](const ExampleLabels& example) { return example.split == "validation"; };
  const auto validation = std::ranges::count_if(labels, isValidation);
  if (validation == 0)
    throw InputError("policy 'static'", "no labels of validation examples", "some to rank programs by",
                     "raise data.validation_fraction and run polar search");
  std::vector<Program> programs = rankPrograms(labels, isValidation);
  if (programs.empty())
    throw InputError("policy 'static'", "no program that was run on all " + std::to_string(validation) +
                     " validation examples", "at least the standard program", "run polar search again");
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
