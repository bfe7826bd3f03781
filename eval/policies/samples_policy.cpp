#include "eval/policies/draws.h"
#include "eval/policies/known_policies.h"

namespace polar {
namespace {

class SamplesPolicy final : public Policy {
 public:
  explicit SamplesPolicy(const PolicyContext& context)
      : program_(Program::standard(context.space.depth)), temperature_(context.sampleTemperature), seed_(context.seed) {
  }

  std::vector<Program> rank(const Example&, int) const override { return {program_}; }

  std::vector<Choice> choices(const Example& example, int k) const override {
    // "samples": apart from the draws that a search stores for the same question.
    return drawnChoices(program_, temperature_, k, seed_, "samples", example);
  }

 private:
  Program program_;
  double temperature_;
  std::uint64_t seed_;
};

}  // namespace

std::unique_ptr<Policy> makeSamplesPolicy(const PolicyContext& context) {
  return std::make_unique<SamplesPolicy>(context);
}

}  // namespace polar
