#include "eval/policies/cascade_plan.h"
#include "eval/policies/known_policies.h"

namespace polar {
namespace {

class CascadePolicy final : public Policy {
 public:
  explicit CascadePolicy(ChosenCascade chosen) : chosen_(std::move(chosen)) {}

  std::vector<Program> rank(const Example&, int) const override { return {chosen_.plan.first}; }
  std::vector<Choice> further(const Example&, const std::vector<Outcome>& ran) const override {
    if (ran.size() > 1 || !chosen_.plan.asksSecond(ran.front().margin)) return {};
    return {{chosen_.plan.second}};
  }
  std::size_t kept(const Example&, const std::vector<Outcome>& ran) const override {
    return chosen_.plan.keepsSecond(ran[0].margin, ran[1].margin) ? 1 : 0;
  }
  std::string settings() const override { return chosen_.inWords(); }

 private:
  ChosenCascade chosen_;
};

}  // namespace

std::unique_ptr<Policy> makeCascadePolicy(const PolicyContext& context) {
  return std::make_unique<CascadePolicy>(chooseCascade(context.requireLabels(), context.space.depth, context.folds));
}

}  // namespace polar
