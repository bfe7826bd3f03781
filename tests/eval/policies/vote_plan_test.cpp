#include "eval/policies/vote_plan.h"

#include <algorithm>
#include <cmath>

#include "catch.h"
#include "eval/planted_runs.h"
#include "support/error.h"
#include "support/random.h"

using namespace polar;
using namespace polar::testing;
using namespace polar::testing::planted_runs;

namespace {

// As labelsOfTexts, with numbers as answers; below 0 there is none.
template <typename Answer, typename Margin>
std::vector<ExampleLabels> labelsOf(int questions, Answer answer, Margin margin) {
  return labelsOfTexts(
      questions,
      [&](int q, int p) {
        const int given = answer(q, p);
        return given < 0 ? std::string() : std::to_string(given);
      },
      margin);
}

ChosenVote choose(const std::vector<ExampleLabels>& labels, int votes, double price) {
  return chooseVote(labels, kDepth, 5, votes, true, price, "policy 'adaptive_vote'");
}

}  // namespace

TEST_CASE("the leader's sureness is that of a uniform prior") {
  // scipy.stats.beta.sf(0.5, votes + 1, against + 1)
  CHECK(std::abs(VoteCount{0, 1, 0}.sureness() - 0.75) < 1e-12);
  CHECK(std::abs(VoteCount{0, 3, 0}.sureness() - 0.9375) < 1e-12);
  CHECK(std::abs(VoteCount{0, 3, 1}.sureness() - 0.8125) < 1e-12);
  CHECK(std::abs(VoteCount{0, 2, 2}.sureness() - 0.5) < 1e-12);
  CHECK(std::abs(VoteCount{0, 10, 4}.sureness() - 0.940765380859375) < 1e-12);
}

TEST_CASE("parties are counted by their own runs alone, whatever their numbers") {
  const std::vector<int> parties{7, -1, 3, 3, 7, 9};
  const std::vector<float> margins{1, 9, 2, 2, 2, 5};
  const VoteCount count = countVotes(parties, margins);
  CHECK(count.leader == 2);  // two votes each, and the larger margins
  CHECK(count.votes == 2);
  CHECK(count.against == 2);
  CHECK(countVotes(std::vector<int>{-1, -1}, std::vector<float>{1, 2}).leader == 0);
  CHECK(countVotes(std::vector<int>{-1, -1}, std::vector<float>{1, 2}).votes == 0);
  CHECK(countVotes(std::vector<int>{4, 2}, std::vector<float>{1, 1}).leader == 0);  // equal in all: the first
}

TEST_CASE("where wrong answers agree more than right ones, the standard program answers alone") {
  int standard = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    const auto labels = labelsOf(
        150, [&](int q, int p) { return random.uniform() < (p == 0 ? 0.3 : 0.25) ? q + 1 : q + 2; },
        [&](int, int p) { return static_cast<float>((1 + p) * random.uniform()); });
    const ChosenVote chosen = choose(labels, 5, 0);
    if (!chosen.rule.standardOnly) continue;
    ++standard;
    CHECK(chosen.plan.voters == std::vector{Program::standard(kDepth)});
    CHECK_FALSE(chosen.plan.goesOn(0, {}, 1));
    CHECK(without(chosen.inWords(), "price 0: always the standard program; ") == "");
  }
  CHECK(standard >= 18);  // of 20, where 0.1 may be wrong
}

TEST_CASE("programs that are wrong in different ways vote, and a price ends the vote where they agree") {
  Random random(3);
  // Each is right on seven of ten questions, by itself; wrong
  // answers seldom agree. The margin of the first says nothing.
  const auto labels = labelsOf(
      300, [&](int q, int) { return random.uniform() < 0.7 ? q + 1 : q + 2 + static_cast<int>(50 * random.uniform()); },
      [&](int, int) { return static_cast<float>(random.uniform()); });
  const ChosenVote free = choose(labels, 5, 0), dear = choose(labels, 5, 0.05), deadly = choose(labels, 5, 5);
  CAPTURE(free.inWords(), dear.inWords(), deadly.inWords());
  CHECK_FALSE(free.rule.standardOnly);
  CHECK(free.rule.gain > 0.1);
  CHECK(free.plan.voters.size() == 5);
  CHECK_FALSE(dear.rule.standardOnly);
  CHECK(dear.plan.limits.sure < 1);
  CHECK_FALSE(dear.plan.goesOn(0, {0, 4, 0}, 4));
  CHECK(dear.plan.goesOn(0, {0, 1, 1}, 2));
  CHECK_FALSE(dear.plan.goesOn(0, {0, 1, 1}, 5));
  // So dear that the cheapest program that is as good alone is best: no vote.
  CHECK((deadly.rule.standardOnly || deadly.plan.limits.tenths == 0));
}

TEST_CASE("a first run with a high margin ends the vote where margins tell right from wrong") {
  Random random(5);
  // The standard program is right on three of five questions, and sure there; on the others, the others are right.
  const auto easy = [](int q) { return q % 5 < 3; };
  const auto labels = labelsOf(
      300,
      [&](int q, int p) {
        if (p == 0) return easy(q) ? q + 1 : q + 2;
        return easy(q) ? (random.uniform() < 0.1 ? q + 1 : q + 3) : q + 1;
      },
      [&](int q, int p) {
        return static_cast<float>(random.uniform() + (p == 0 && easy(q) ? 1 : 0) + (p > 0 && !easy(q) ? 1 : 0));
      });
  const ChosenVote chosen = choose(labels, 3, 0.01);
  CAPTURE(chosen.inWords());
  CHECK_FALSE(chosen.rule.standardOnly);
  CHECK(chosen.rule.gain > 0.3);
  CHECK(chosen.plan.voters.front() == Program::standard(kDepth));
  CHECK(chosen.plan.goesOn(0.5f, {0, 1, 0}, 1));
  CHECK_FALSE(chosen.plan.goesOn(1.5f, {0, 1, 0}, 1));
  CHECK(without(chosen.inWords(), "; after the first where its margin is among the lowest 40 %") == "");
}

TEST_CASE("a vote's plan is the same whatever the order of its labels, and needs programs that were run on all") {
  Random random(7);
  auto labels = labelsOf(
      80, [&](int q, int) { return random.uniform() < 0.6 ? q + 1 : q + 2 + static_cast<int>(9 * random.uniform()); },
      [&](int, int) { return static_cast<float>(random.uniform()); });
  const std::string words = choose(labels, 5, 0).inWords();
  std::reverse(labels.begin(), labels.end());
  CHECK(choose(labels, 5, 0).inWords() == words);
  for (ExampleLabels& each : labels) each.programs.resize(1);
  CHECK_THROWS_AS(choose(labels, 5, 0), InputError);
}
