#include <algorithm>

#include "eval/policies/known_policies.h"
#include "eval/policies/program_ranking.h"
#include "support/error.h"

namespace polar {
namespace {

class StaticPolicy final : public Policy {
 public:
  StaticPolicy(std::vector<Program> ranked, std::size_t questions)
      : ranked_(std::move(ranked)), questions_(questions) {}
  std::vector<Program> rank(const Example&, int k) const override {
    const auto count = std::min(ranked_.size(), static_cast<std::size_t>(std::max(1, k)));
    return {ranked_.begin(), ranked_.begin() + static_cast<std::ptrdiff_t>(count)};
  }
  std::string settings() const override {
    return ranked_.front().text() + ", right most often of " + std::to_string(ranked_.size()) + " programs on " +
           std::to_string(questions_) + " labelled questions";
  }

 private:
  std::vector<Program> ranked_;
  std::size_t questions_;
};

}  // namespace

std::unique_ptr<Policy> makeStaticPolicy(const PolicyContext& context) {
  std::vector<Program> programs = rankPrograms(context.requireLabels());
  if (programs.empty())
    throw InputError(context.where(),
                     "no program that was run on all " + std::to_string(context.labels->size()) + " labelled questions",
                     "at least the standard program", "run polar search again");
  return std::make_unique<StaticPolicy>(std::move(programs), context.labels->size());
}

}  // namespace polar
