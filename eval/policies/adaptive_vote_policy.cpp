#include "eval/policies/known_policies.h"
#include "eval/policies/vote_plan.h"

namespace polar {
namespace {

class AdaptiveVotePolicy final : public Policy {
 public:
  AdaptiveVotePolicy(ChosenVote chosen, bool boxOpen) : chosen_(std::move(chosen)), boxOpen_(boxOpen) {}

  std::vector<Program> rank(const Example&, int) const override { return {chosen_.plan.voters.front()}; }
  std::vector<Choice> further(const Example& example, const std::vector<Outcome>& ran) const override {
    const VotePlan& plan = chosen_.plan;
    if (!plan.goesOn(ran.front().margin, countVotes(example, boxOpen_, ran), ran.size())) return {};
    return {{plan.voters[ran.size()]}};
  }
  std::size_t kept(const Example& example, const std::vector<Outcome>& ran) const override {
    return countVotes(example, boxOpen_, ran).leader;
  }
  std::string settings() const override { return chosen_.inWords(); }

 private:
  ChosenVote chosen_;
  bool boxOpen_;
};

}  // namespace

std::unique_ptr<Policy> makeAdaptiveVotePolicy(const PolicyContext& context) {
  const std::vector<ExampleLabels>& labels = context.requireLabels();
  const bool boxOpen = context.requireBoxOpen();
  return std::make_unique<AdaptiveVotePolicy>(
      chooseVote(labels, context.space.depth, context.folds, context.votes, boxOpen, context.price, context.where()),
      boxOpen);
}

}  // namespace polar
