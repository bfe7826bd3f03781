#include "search/history.h"

#include <cmath>
#include <limits>
#include <tuple>

#include "catch.h"
#include "search/rounds.h"

namespace polar {
namespace {

Evaluation evaluationOf(bool right, float logprob) {
  Evaluation evaluation;
  evaluation.verdict = right ? Verdict::right : Verdict::wrong;
  evaluation.answerLogprob = logprob;
  return evaluation;
}

const Segment kSkip0{0, 1, SegmentOp::skip, 0}, kTwice1{1, 1, SegmentOp::repeat, 2}, kSkip2{2, 2, SegmentOp::skip, 0};

}  // namespace

TEST_CASE("a program's score: verdict, then log-probability less the price of its layers") {
  History history({{.layerPrice = 2}, 4});
  const auto tell = [&](const char* program, bool right, float logprob) {
    const std::size_t order = history.size();
    history.ask(Program::parse(program, 4));
    history.tell(order, evaluationOf(right, logprob));
    return history.score(order);
  };
  CHECK(tell("0-3", false, -3) == -3 - 2.0);
  CHECK(tell("0-2", false, -3) == -3 - 1.5);
  CHECK(history.layerPrice() == 2);
  CHECK(tell("0,0-3", true, -3) == 1000 - 3 - 8 * 2.5);  // from now on only shorter ones are worth finding
  CHECK(history.layerPrice() == 16);
  CHECK(tell("1-3", false, -500) == -20 - 8 * 1.5);
  CHECK(tell("0,2-3", true, std::numeric_limits<float>::quiet_NaN()) == 1000 - 20 - 8 * 1.5);
  CHECK(history.find(Program::parse("1-3", 4)) == std::optional<std::int32_t>(3));
  CHECK_FALSE(history.find(Program::parse("0-1", 4)));
  CHECK(history[2].edits == std::vector<Segment>{{0, 1, SegmentOp::repeat, 2}});
}

TEST_CASE("where the verdict is the reward, log-probabilities are not looked at") {
  History history({{.reward = "verdict", .layerPrice = 0}, 4});
  for (const auto& [program, right, logprob] :
       std::vector<std::tuple<const char*, bool, float>>{{"0-3", false, -1}, {"0-2", false, -9}, {"1-3", true, -9}}) {
    history.ask(Program::parse(program, 4));
    history.tell(history.size() - 1, evaluationOf(right, logprob));
  }
  CHECK(history[0].logprob == history[1].logprob);
  CHECK(history.score(0) == history.score(1));
  CHECK(history[2].logprob == 0);
  CHECK(history[2].logprob > history[0].logprob);
}

TEST_CASE("what a strategy may not do is a bug") {
  History history({{}, 4});
  history.ask(Program::standard(4));
  CHECK_THROWS_AS(history.ask(Program::standard(4)), std::logic_error);
  CHECK_THROWS_AS(history.ask(Program(std::vector<LayerIndex>{3, 0})), std::logic_error);
  CHECK_THROWS_AS(history.tell(1, evaluationOf(true, 0)), std::logic_error);
  CHECK_FALSE(history.allEvaluated());
  history.tell(0, evaluationOf(true, 0));
  CHECK(history.allEvaluated());
  CHECK_THROWS_AS(history.tell(0, evaluationOf(true, 0)), std::logic_error);
}

TEST_CASE("edits are placed in order, and not on one another") {
  CHECK(withEdit({kSkip0, kSkip2}, kTwice1) == std::vector<Segment>{kSkip0, kTwice1, kSkip2});
  CHECK_FALSE(withEdit({kSkip0, kSkip2}, {3, 1, SegmentOp::repeat, 2}));
  const StrategyOptions options{{.maxEdits = 1, .skips = false}, 4};
  CHECK(allowed({kTwice1}, options));
  CHECK_FALSE(allowed({kSkip0}, options));
  CHECK_FALSE(allowed({kTwice1, {3, 1, SegmentOp::repeat, 2}}, options));
}

TEST_CASE("edits are ranked by what they did alone, untried ones count as none") {
  History history({{.layerPrice = 0}, 4});
  history.ask(Program::standard(4));
  history.ask(Program::parse("1-3", 4));
  history.ask(Program::parse("0-1,1-3", 4));
  history.tell(0, evaluationOf(false, -2));
  history.tell(1, evaluationOf(false, -3));
  history.tell(2, evaluationOf(false, -1));
  const Segment untried{3, 1, SegmentOp::skip, 0};
  CHECK(rankEdits(history, {kSkip0, untried, kSkip2, kTwice1}) ==
        std::vector<Segment>{kTwice1, untried, kSkip2, kSkip0});
}

namespace {

// Proposes the single edits of a list, one after another.
class Listed final : public Proposer {
 public:
  explicit Listed(std::vector<const char*> programs) : programs_(std::move(programs)) {}
  std::vector<Candidate> propose(const History& history, std::size_t n) override {
    std::vector<Candidate> candidates;
    for (; candidates.size() < n && next_ < programs_.size(); ++next_)
      candidates.push_back({Program::parse(programs_[next_], history.options().depth), 0});
    return candidates;
  }

 private:
  std::vector<const char*> programs_;
  std::size_t next_ = 0;
};

}  // namespace

TEST_CASE("phases take over at their marks, or where one has nothing left, and a round waits for its evaluations") {
  const StrategyOptions options{{.budget = 7, .round = 2}, 6};
  std::vector<Phase> phases;
  phases.push_back({std::make_unique<Listed>(std::vector<const char*>{"1-5", "2-5", "3-5", "4-5"}), 4});
  phases.push_back({std::make_unique<Listed>(std::vector<const char*>{"0-4"}), 6});
  phases.push_back({std::make_unique<Listed>(std::vector<const char*>{"0-3", "0-2", "0-1"}), 7});
  const auto strategy = makeRounds(options, std::move(phases));
  std::vector<std::vector<std::string>> rounds;
  std::size_t order = 0;
  for (auto asked = strategy->ask(100); !asked.empty(); asked = strategy->ask(100)) {
    CHECK(strategy->ask(100).empty());
    auto& round = rounds.emplace_back();
    for (const Candidate& each : asked) {
      round.push_back(each.program.text());
      strategy->tell(order++, each.program, evaluationOf(false, -1));
    }
  }
  const std::vector<std::vector<std::string>> expected = {{"0-5"}, {"1-5", "2-5"}, {"3-5"}, {"0-4"}, {"0-3", "0-2"}};
  CHECK(rounds == expected);
}

}  // namespace polar
