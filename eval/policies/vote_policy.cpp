#include <algorithm>

#include "eval/policies/known_policies.h"
#include "eval/policies/program_ranking.h"
#include "eval/policies/vote.h"
#include "support/error.h"

namespace polar {
namespace {

class VotePolicy final : public Policy {
 public:
  VotePolicy(std::vector<Program> programs, std::size_t questions, bool boxOpen)
      : programs_(std::move(programs)), questions_(questions), boxOpen_(boxOpen) {}

  std::vector<Program> rank(const Example&, int) const override { return {programs_.front()}; }
  std::vector<Choice> further(const Example&, const std::vector<Outcome>& ran) const override {
    std::vector<Choice> choices;
    if (ran.size() > 1) return choices;
    for (std::size_t i = 1; i < programs_.size(); ++i) choices.push_back({programs_[i]});
    return choices;
  }
  std::size_t kept(const Example& example, const std::vector<Outcome>& ran) const override {
    return countVotes(example, boxOpen_, ran).leader;
  }

  std::string settings() const override {
    std::string others;
    for (std::size_t i = 1; i < programs_.size(); ++i) others += (i > 1 ? "; " : "") + programs_[i].text();
    return programs_.front().text() + " and those right most often on " + std::to_string(questions_) +
           " labelled questions: " + others;
  }

 private:
  std::vector<Program> programs_;  // the standard one first
  std::size_t questions_;
  bool boxOpen_;
};

}  // namespace

std::unique_ptr<Policy> makeVotePolicy(const PolicyContext& context) {
  std::vector<Program> programs{Program::standard(context.space.depth)};
  if (!context.labels)
    throw InputError(context.where(), "no oracle labels", "those of the train examples", "run polar search");
  const bool boxOpen = context.requireBoxOpen();
  for (Program& program : rankPrograms(*context.labels))
    if (program != programs.front() && static_cast<int>(programs.size()) < context.votes)
      programs.push_back(std::move(program));
  if (static_cast<int>(programs.size()) < context.votes)
    throw InputError(context.where(), std::to_string(programs.size()) + " programs that were run on every question",
                     std::to_string(context.votes) + ", as eval.votes says",
                     "search with strategy menu or enumerate, or lower eval.votes");
  return std::make_unique<VotePolicy>(std::move(programs), context.labels->size(), boxOpen);
}

}  // namespace polar
