#include "eval/draws.h"
#include "eval/known_policies.h"
#include "eval/vote.h"

namespace polar {
namespace {

class SampleVotePolicy final : public Policy {
 public:
  explicit SampleVotePolicy(const PolicyContext& context)
      : program_(Program::standard(context.space.depth)), temperature_(context.sampleTemperature), seed_(context.seed),
        votes_(context.votes) {}

  std::string name() const override { return "sample_vote"; }
  std::vector<Program> rank(const Example&, int) const override { return {program_}; }
  std::vector<Choice> further(const Example& example, const Outcome&) const override {
    return drawnChoices(program_, temperature_, votes_ - 1, seed_, "sample vote", example);
  }
  std::size_t kept(const std::vector<Outcome>& ran) const override { return mostVoted(ran); }

 private:
  Program program_;
  double temperature_;
  std::uint64_t seed_;
  int votes_;
};

}  // namespace

std::unique_ptr<Policy> makeSampleVotePolicy(const PolicyContext& context) {
  return std::make_unique<SampleVotePolicy>(context);
}

}  // namespace polar
