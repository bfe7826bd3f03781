#include "search/random.h"

#include "program/program_draws.h"

namespace polar {
namespace {

class RandomStrategy final : public SearchStrategy {
 public:
  explicit RandomStrategy(const StrategyOptions& options)
      : options_(options), draws_(options.space(), options.maxEdits, Random(options.seed)) {}

  std::vector<Candidate> ask(std::size_t n) override {
    std::vector<Candidate> candidates;
    for (; candidates.size() < n && asked_ < options_.budget; ++asked_) {
      if (asked_ == 0) {
        candidates.push_back({Program::standard(options_.depth), -1});
        draws_.leaveOut(candidates.back().program);
        continue;
      }
      auto program = draws_.next();
      if (!program) break;
      candidates.push_back({std::move(*program), 0});
    }
    return candidates;
  }

  void tell(std::size_t, const Program&, const Evaluation&) override {}

 private:
  StrategyOptions options_;
  ProgramDraws draws_;
  std::int64_t asked_ = 0;
};

}  // namespace

std::unique_ptr<SearchStrategy> makeRandom(const StrategyOptions& options) {
  return std::make_unique<RandomStrategy>(options);
}

}  // namespace polar
