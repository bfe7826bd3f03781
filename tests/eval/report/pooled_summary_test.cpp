// Seeds of a policy pooled by question, and the correction for the number of tests.
#include "eval/report/pooled_summary.h"

#include <cmath>

#include "catch.h"
#include "eval/planted.h"

using namespace polar;
using namespace polar::testing;

namespace {

SetResult setOf(std::vector<PolicyResult> policies) {
  return {"test", true, 12, static_cast<std::int64_t>(policies.front().rows.size()), std::move(policies)};
}

std::vector<PooledSummary> pooled(const SetResult& set) { return poolSeeds(set, summarise(set, 0.95), 0.95); }

bool near(double a, double b) { return std::abs(a - b) < 1e-12; }

}  // namespace

TEST_CASE("seeds that agree are one experiment, not several") {
  //                                                  eight gained, one lost
  const std::string standard = "0000000001111111", mine = "1111111100111111";
  const auto one = pooled(setOf({answered("standard", standard), answered("mine", mine)}));
  const auto three = pooled(setOf({answered("standard", standard), answered("mine@seed=1", mine),
                                   answered("mine@seed=2", mine), answered("mine@seed=3", mine)}));
  REQUIRE(one.size() == 2);
  REQUIRE(three.size() == 2);
  CHECK(three[1].seeds == 3);
  CHECK(three[1].variant == "mine");
  CHECK(near(three[1].p, one[1].p));
  CHECK(near(one[1].p, mcnemarExact(8, 1)));
  CHECK(near(three[1].difference, one[1].difference));
  CHECK(near(three[1].difference, 7 / 16.0));
  CHECK(mcnemarExact(24, 3) < one[1].p / 10);  // what counting seeds as questions would say
  // The interval, too, is that of sixteen questions.
  CHECK(three[1].differenceInterval.low < 0.2);
  CHECK(three[1].differenceInterval.high > 0.6);
}

TEST_CASE("seeds that differ: mean, range, and a sign for each question") {
  const SetResult set = setOf({answered("standard", "00001111"), answered("mine@price=1,seed=1", "11001111"),
                               answered("other", "00001111"), answered("mine@price=1,seed=2", "10011110")});
  const auto all = pooled(set);
  REQUIRE(all.size() == 3);
  CHECK(all[1].variant == "mine@price=1");
  CHECK(all[2].variant == "other");
  CHECK_FALSE(all[0].paired);
  CHECK(near(all[1].accuracy.mean, 5.5 / 8));
  CHECK(all[1].accuracy.least == 5 / 8.0);
  CHECK(all[1].accuracy.most == 6 / 8.0);
  // Right answers of both seeds minus twice the standard's: 2, 1, 0, 1, 0, 0, 0, -1.
  CHECK(near(all[1].difference, 3 / 16.0));
  CHECK(near(all[1].p, signFlipExact(std::vector<int>{2, 1, 1, -1})));
  CHECK(all[1].costRatio == 1);
  CHECK(all[2].p == 1);
  // A member of the record names a seed as well as the policy's name does.
  SetResult byMember = set;
  for (const std::size_t i : {std::size_t{1}, std::size_t{3}}) byMember.policies[i].policy = "mine@price=1";
  CHECK(pooled(byMember).size() == 4);  // without seeds they are policies of their own
  byMember.policies[1].seed = 1;
  byMember.policies[3].seed = 2;
  CHECK(pooled(byMember)[1].p == all[1].p);
}

TEST_CASE("only questions that every seed and the standard program ran are compared") {
  SetResult set =
      setOf({answered("standard", "0000"), answered("mine@seed=1", "1111"), answered("mine@seed=2", "1111")});
  set.policies[0].rows.erase(set.policies[0].rows.begin());
  set.policies[2].rows.pop_back();
  CHECK(near(pooled(set)[1].p, mcnemarExact(2, 0)));
  set.policies.erase(set.policies.begin());
  const auto alone = pooled(set);
  CHECK_FALSE(alone[0].paired);
  CHECK_FALSE(alone[0].holmP);
}

TEST_CASE("p is corrected for all policies of the set but those that use the answer") {
  const std::string standard(20, '0');
  const auto right = [&](std::size_t count) { return std::string(count, '1') + std::string(20 - count, '0'); };
  const auto all =
      pooled(setOf({answered("standard", standard), answered("a", right(6)), answered("oracle", right(20)),
                    answered("b@seed=1", right(9)), answered("b@seed=2", right(9)), answered("c", right(2))}));
  REQUIRE(all.size() == 5);
  CHECK_FALSE(all[0].holmP);
  CHECK_FALSE(all[2].holmP);
  CHECK(all[2].paired);
  // Three tests: b's is the smallest, then a's, then c's.
  CHECK(near(*all[3].holmP, 3 * mcnemarExact(9, 0)));
  CHECK(near(*all[1].holmP, 2 * mcnemarExact(6, 0)));
  CHECK(near(*all[4].holmP, mcnemarExact(2, 0)));
}
