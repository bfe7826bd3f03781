#include "eval/policies/evidence_plan.h"
#include "eval/policies/known_policies.h"

namespace polar {
namespace {

class EvidencePolicy final : public Policy {
 public:
  EvidencePolicy(ChosenEvidence chosen, bool boxOpen) : chosen_(std::move(chosen)), boxOpen_(boxOpen) {}

  std::vector<Program> rank(const Example&, int) const override { return {chosen_.plan.programs.front()}; }
  std::vector<Choice> further(const Example& example, const std::vector<Outcome>& ran) const override {
    const EvidencePlan& plan = chosen_.plan;
    if (ran.size() >= plan.programs.size() || plan.kept(example, boxOpen_, ran).probability >= plan.enough) return {};
    return {{plan.programs[ran.size()]}};
  }
  std::size_t kept(const Example& example, const std::vector<Outcome>& ran) const override {
    return ran.size() == 1 ? 0 : chosen_.plan.kept(example, boxOpen_, ran).place;
  }
  std::string settings() const override { return chosen_.inWords(); }

 private:
  ChosenEvidence chosen_;
  bool boxOpen_;
};

}  // namespace

std::unique_ptr<Policy> makeEvidencePolicy(const PolicyContext& context) {
  const std::vector<ExampleLabels>& labels = context.requireLabels();
  const bool boxOpen = context.requireBoxOpen();
  return std::make_unique<EvidencePolicy>(chooseEvidence(labels, context.space.depth, context.folds, context.votes,
                                                         boxOpen, context.price, context.where()),
                                          boxOpen);
}

}  // namespace polar
