#include "search/random.h"

#include <optional>
#include <unordered_set>

#include "support/random.h"

namespace polar {
namespace {

constexpr int kTries = 1000;

class RandomStrategy final : public SearchStrategy {
 public:
  explicit RandomStrategy(const StrategyOptions& options)
      : options_(options), edits_(singleEdits(options.space)), random_(options.seed) {}

  std::vector<Candidate> ask(std::size_t n) override {
    std::vector<Candidate> candidates;
    while (candidates.size() < n && static_cast<std::int64_t>(asked_.size()) < options_.budget) {
      const bool first = asked_.empty();
      auto program = first ? Program::standard(options_.space.depth) : drawNew();
      if (!program) break;
      asked_.insert(*program);
      candidates.push_back({std::move(*program), first ? -1 : 0});
    }
    return candidates;
  }

  void tell(std::size_t, const Program&, const Evaluation&) override {}

 private:
  std::optional<Program> drawNew() {
    for (int i = 0; i < kTries && !exhausted_; ++i) {
      Program program = draw();
      if (!asked_.contains(program)) return program;
    }
    exhausted_ = true;  // a later ask must not find more than this one did
    return std::nullopt;
  }

  Program draw() {
    std::vector<Segment> fitting = edits_, chosen;
    if (options_.maxEdits > 0) {
      const std::uint64_t count = 1 + random_.below(static_cast<std::uint64_t>(options_.maxEdits));
      while (chosen.size() < count && !fitting.empty()) {
        chosen.push_back(fitting[random_.below(fitting.size())]);
        std::erase_if(fitting, [&](const Segment& edit) { return overlaps(edit, chosen.back()); });
      }
    }
    return applyEdits(chosen, options_.space.depth);
  }

  StrategyOptions options_;
  std::vector<Segment> edits_;
  Random random_;
  std::unordered_set<Program> asked_;  // only ever looked up
  bool exhausted_ = false;
};

}  // namespace

std::unique_ptr<SearchStrategy> makeRandom(const StrategyOptions& options) {
  return std::make_unique<RandomStrategy>(options);
}

}  // namespace polar
