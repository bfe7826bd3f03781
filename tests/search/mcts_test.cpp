#include "search/mcts.h"

#include <cmath>
#include <set>

#include "catch.h"
#include "planted.h"

namespace polar {
namespace {

using testing::Found;
using testing::PlantedEvaluator;
using testing::runSearch;

StrategyOptions options(const char* variant, std::int64_t budget) {
  return {{.budget = budget, .maxEdits = 3, .round = 1, .mctsVariant = variant}, 12};
}

}  // namespace

TEST_CASE("the paper's tree never leaves depth 1 on a budget below its single edits") {
  const Found found = runSearch("mcts", options("paper", 169), testing::twoEditWorld());
  CHECK(found.asked.size() == 169);  // 168 actions at the root, and the root
  for (std::size_t i = 1; i < found.asked.size(); ++i) CHECK(found.editsOf(i, {.depth = 12}) == 1);
  CHECK(found.statistics.at("tree_depth") == 1);
  CHECK(found.statistics.at("ucb_choices") == 0);
  CHECK(runSearch("mcts", options("paper", 175), testing::twoEditWorld()).statistics.at("ucb_choices") > 0);
}

TEST_CASE("the transposition tree goes deeper on the same budget, and widens as its visits grow") {
  const Found found = runSearch("mcts", options("transposition", 100), testing::twoEditWorld());
  CHECK(found.statistics.at("tree_depth") == 3);
  CHECK(found.statistics.at("ucb_choices") > 0);
  double singles = 0;
  for (std::size_t i = 1; i < found.asked.size(); ++i) singles += found.asked[i].parent == 0;
  CHECK(singles <= std::ceil(2 * std::sqrt(found.statistics.at("simulations"))));
  CHECK(singles >= 10);
}

TEST_CASE("whether a tree can leave depth 1 is known beforehand") {
  for (const char* variant : {"paper", "transposition"})
    for (const int maxEdits : {1, 3})
      for (const std::int64_t budget : {20, 168, 169, 170}) {  // 168 single edits
        StrategyOptions own = options(variant, budget);
        own.maxEdits = maxEdits;
        own.round = 1;
        INFO("budget " << budget << ", " << maxEdits << " edits, variant " << variant);
        const auto depth = runSearch("mcts", own, testing::twoEditWorld()).statistics.at("tree_depth");
        CHECK(staysAtDepthOne(own) == (depth < 2));
      }
}

TEST_CASE("reward draws the search: without exploration it stays with what was right") {
  const PlantedEvaluator withoutTwo(12, [](const EvaluationTask& task) { return testing::skips(task.program, 2); });
  int drawn = 0, all = 0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    StrategyOptions own = options("transposition", 200);
    own.reward = "verdict";
    own.exploration = 0.1;
    own.lengthPenalty = 0;
    own.seed = seed;
    const Found found = runSearch("mcts", own, withoutTwo);
    for (std::size_t i = 0; i < found.asked.size(); ++i) {
      if (found.editsOf(i, own.space()) < 2) continue;
      ++all;
      drawn += found.right[i];
    }
  }
  CAPTURE(drawn, all);
  CHECK(all > 200);
  CHECK(2 * drawn > all);
}

TEST_CASE("the length penalty draws the search to short programs") {
  const PlantedEvaluator flat(12, [](const EvaluationTask&) { return false; });
  const auto meanLength = [&](double penalty) {
    StrategyOptions own = options("transposition", 200);
    own.reward = "verdict";
    own.exploration = 0.1;
    own.lengthPenalty = penalty;
    double sum = 0;
    for (const Candidate& each : runSearch("mcts", own, flat).asked) sum += each.program.executed();
    return sum / 200;
  };
  CHECK(meanLength(3) < meanLength(0) - 2);
}

TEST_CASE("the dense reward finds two edits more often than the verdict alone and than random draws") {
  StrategyOptions own = options("transposition", 400);
  own.maxLength = 1;
  own.maxEdits = 2;
  own.exploration = 0.1;
  own.reward = "verdict";
  const int verdict = testing::seedsThatFind("mcts", own, testing::twoEditWorld());
  own.reward = "logprob";
  const int logprob = testing::seedsThatFind("mcts", own, testing::twoEditWorld());
  const int random = testing::seedsThatFind("random", own, testing::twoEditWorld());
  CAPTURE(verdict, logprob, random);
  CHECK(logprob > verdict);
  CHECK(logprob > random);
}

TEST_CASE("the weights of UCB are the variant's own where none are given: the published ones for the paper's tree") {
  constexpr double kOwn = -1;
  const auto asked = [](const char* variant, double exploration, double lengthPenalty) {
    StrategyOptions own = options(variant, 400);
    own.exploration = exploration;
    own.lengthPenalty = lengthPenalty;
    std::vector<std::string> programs;
    for (const Candidate& each : runSearch("mcts", own, testing::twoEditWorld()).asked)
      programs.push_back(each.program.text());
    return programs;
  };
  const auto paper = asked("paper", kOwn, kOwn), transposition = asked("transposition", kOwn, kOwn);
  CHECK(paper == asked("paper", std::sqrt(2.0), 5));
  CHECK(paper != asked("paper", 0.1, 0.1));
  CHECK(paper != asked("paper", kOwn, 0.1));
  CHECK(transposition == asked("transposition", 0.1, 0.1));
  CHECK(transposition != asked("transposition", std::sqrt(2.0), 5));
}

TEST_CASE("a random child is taken as often as asked, by the seed, in both trees") {
  const PlantedEvaluator flat(12, [](const EvaluationTask&) { return false; });
  for (const char* variant : {"paper", "transposition"}) {
    // The programs that a second edit was tried on: UCB alone stays with the shortest.
    const auto parents = [&](double randomChild, std::uint64_t seed) {
      StrategyOptions own = options(variant, 400);
      own.reward = "verdict";
      own.exploration = 0;
      own.lengthPenalty = 5;
      own.randomChild = randomChild;
      own.seed = seed;
      std::vector<std::int32_t> orders;
      for (const Candidate& each : runSearch("mcts", own, flat).asked)
        if (each.parent > 0) orders.push_back(each.parent);
      return orders;
    };
    const auto different = [](const std::vector<std::int32_t>& orders) {
      return std::set(orders.begin(), orders.end()).size();
    };
    INFO("variant " << variant);
    const auto never = parents(0, 1), often = parents(0.5, 1);
    CHECK(different(often) > 2 * different(never));
    CHECK(often == parents(0.5, 1));
    CHECK(often != parents(0.5, 2));
  }
}

TEST_CASE("both trees find every program of a small space") {
  const PlantedEvaluator hashed(3, testing::hashedVerdict);
  for (const char* variant : {"paper", "transposition"}) {
    const StrategyOptions own{{.budget = 1000, .maxEdits = 2, .maxLength = 2, .maxTimes = 2, .mctsVariant = variant},
                              3};
    CHECK(runSearch("mcts", own, hashed).asked.size() == runSearch("enumerate", own, hashed).asked.size());
  }
}

}  // namespace polar
