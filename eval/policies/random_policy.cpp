#include "eval/policies/known_policies.h"
#include "program/program_draws.h"

namespace polar {
namespace {

class RandomPolicy final : public Policy {
 public:
  explicit RandomPolicy(const PolicyContext& context)
      : space_(context.space), maxEdits_(context.maxEdits), seed_(context.seed) {}

  std::vector<Program> rank(const Example& example, int k) const override {
    // "random/": apart from the stream that a search draws for the same example.
    ProgramDraws draws(space_, maxEdits_, Random(seed_, "random/" + example.id));
    std::vector<Program> programs;
    while (static_cast<int>(programs.size()) < k) {
      auto program = draws.next();
      if (!program) break;  // a small space
      programs.push_back(std::move(*program));
    }
    return programs;
  }

 private:
  EditSpace space_;
  int maxEdits_;
  std::uint64_t seed_;
};

}  // namespace

std::unique_ptr<Policy> makeRandomPolicy(const PolicyContext& context) {
  return std::make_unique<RandomPolicy>(context);
}

}  // namespace polar
