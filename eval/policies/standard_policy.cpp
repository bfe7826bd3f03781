#include "eval/policies/known_policies.h"

namespace polar {
namespace {

class StandardPolicy final : public Policy {
 public:
  explicit StandardPolicy(int depth) : program_(Program::standard(depth)) {}
  std::vector<Program> rank(const Example&, int) const override { return {program_}; }

 private:
  Program program_;
};

}  // namespace

std::unique_ptr<Policy> makeStandardPolicy(const PolicyContext& context) {
  return std::make_unique<StandardPolicy>(context.space.depth);
}

}  // namespace polar
