#include <algorithm>

#include "eval/known_policies.h"
#include "support/random.h"

namespace polar {
namespace {

class RandomPolicy final : public Policy {
 public:
  explicit RandomPolicy(const PolicyContext& context)
      : edits_(singleEdits(context.space)), depth_(context.space.depth), maxEdits_(std::max(1, context.maxEdits)),
        seed_(context.seed) {}

  std::string name() const override { return "random"; }

  std::vector<Program> rank(const Example& example, int k) const override {
    if (edits_.empty()) return {Program::standard(depth_)};
    // "random/": apart from the stream that a search draws for the same example.
    Random random(seed_, "random/" + example.id);
    std::vector<Program> programs;
    // A small space may hold fewer than k programs; then the tries run out.
    for (int tries = 64 * k; tries > 0 && static_cast<int>(programs.size()) < k; --tries) {
      Program program = draw(random);
      if (std::find(programs.begin(), programs.end(), program) == programs.end())
        programs.push_back(std::move(program));
    }
    return programs;
  }

 private:
  Program draw(Random& random) const {
    const std::uint64_t wanted = 1 + random.below(static_cast<std::uint64_t>(maxEdits_));
    std::vector<Segment> chosen;
    for (std::uint64_t i = 0; i < wanted; ++i) {
      const Segment& edit = edits_[random.below(edits_.size())];
      if (std::none_of(chosen.begin(), chosen.end(), [&](const Segment& other) { return overlaps(edit, other); }))
        chosen.push_back(edit);
    }
    return applyEdits(chosen, depth_);
  }

  std::vector<Segment> edits_;
  int depth_, maxEdits_;
  std::uint64_t seed_;
};

}  // namespace

std::unique_ptr<Policy> makeRandomPolicy(const PolicyContext& context) {
  return std::make_unique<RandomPolicy>(context);
}

}  // namespace polar
