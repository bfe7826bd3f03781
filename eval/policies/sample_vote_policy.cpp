#include "eval/policies/draws.h"
#include "eval/policies/known_policies.h"
#include "eval/policies/vote.h"

namespace polar {
namespace {

class SampleVotePolicy final : public Policy {
 public:
  explicit SampleVotePolicy(const PolicyContext& context)
      : program_(Program::standard(context.space.depth)), temperature_(context.sampleTemperature), seed_(context.seed),
        votes_(context.votes), boxOpen_(context.requireBoxOpen()) {}

  std::vector<Program> rank(const Example&, int) const override { return {program_}; }
  std::vector<Choice> further(const Example& example, const std::vector<Outcome>& ran) const override {
    if (ran.size() > 1) return {};
    return drawnChoices(program_, temperature_, votes_ - 1, seed_, "sample vote", example);
  }
  std::size_t kept(const Example& example, const std::vector<Outcome>& ran) const override {
    return countVotes(example, boxOpen_, ran).leader;
  }

 private:
  Program program_;
  double temperature_;
  std::uint64_t seed_;
  int votes_;
  bool boxOpen_;
};

}  // namespace

std::unique_ptr<Policy> makeSampleVotePolicy(const PolicyContext& context) {
  return std::make_unique<SampleVotePolicy>(context);
}

}  // namespace polar
