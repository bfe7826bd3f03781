#include "eval/policies/known_policies.h"
#include "eval/policies/vote_plan.h"
#include "support/error.h"
#include "text/prompt.h"

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
  if (!context.labels || context.labels->empty())
    throw InputError(context.where(), "no oracle labels", "those of the train examples", "run polar search");
  if (!context.prompts)
    throw InputError(context.where(), "no prompts", "the template, which says how answers are read", "use polar eval");
  const bool boxOpen = context.prompts->promptTemplate().boxOpen();
  return std::make_unique<AdaptiveVotePolicy>(chooseVote(*context.labels, context.space.depth, context.folds,
                                                         context.votes, boxOpen, context.price, context.where()),
                                              boxOpen);
}

}  // namespace polar
