// The comparison that was named before the evaluation: all sets as one, seeds pooled.
#include "eval/report/primary_comparison.h"

#include <cmath>

#include "catch.h"
#include "eval/planted.h"

using namespace polar;
using namespace polar::testing;

namespace {

SetResult setOf(const std::string& name, std::vector<PolicyResult> policies) {
  return {name, true, 12, static_cast<std::int64_t>(policies.front().rows.size()), std::move(policies)};
}

}  // namespace

TEST_CASE("the primary comparison takes the questions of all sets as one, the same ids too") {
  const std::vector<SetResult> sets = {
      setOf("test", {answered("standard", "0001"), answered("mine@price=0.2", "1110"), answered("other", "0000")}),
      setOf("ood", {answered("standard", "000000"), answered("mine@price=0.2", "111111")}),
      setOf("alone", {answered("standard", "11")})};
  const auto primary = primaryComparison(sets, "mine@price=0.2", {}, 0.95);
  REQUIRE(primary);
  CHECK(primary->set == "test and ood");
  CHECK(primary->variant == "mine@price=0.2");
  CHECK(primary->n == 10);
  CHECK(primaryComparison(sets, "mine@price=0.2", {"ood", "alone"}, 0.95)->set == "ood");
  CHECK_FALSE(primaryComparison(sets, "mine@price=0.2", {"alone"}, 0.95));
  CHECK(primary->p == mcnemarExact(9, 1));
  CHECK(std::abs(primary->difference - 0.8) < 1e-12);
  CHECK(
      inWords(*primary, 0.95)
          .starts_with(
              "mine@price=0.2 against the standard program on test and ood, 10 questions: 90.0 % against 10.0 %, +80.0 points ["));
  CHECK(inWords(*primary, 0.95).ends_with("(95 %), p 0.021, at 1.00 × its layer-tokens."));
}

TEST_CASE("the primary comparison of a policy with seeds is one test") {
  const std::string standard = "0000000001111111", mine = "1111111100111111";
  const std::vector<SetResult> sets = {
      setOf("test", {answered("standard", standard), answered("mine@seed=1", mine), answered("mine@seed=2", mine)})};
  const auto primary = primaryComparison(sets, "mine", {}, 0.95);
  REQUIRE(primary);
  CHECK(primary->seeds == 2);
  CHECK(std::abs(primary->p - mcnemarExact(8, 1)) < 1e-12);
  CHECK(inWords(*primary, 0.95).find("16 questions, 2 seeds pooled by question: ") != std::string::npos);
}

TEST_CASE("there is no primary comparison where none was named or none of it was run") {
  const std::vector<SetResult> sets = {setOf("test", {answered("standard", "01"), answered("mine", "11")}),
                                       setOf("ood", {answered("mine", "11")})};
  CHECK_FALSE(primaryComparison(sets, "", {}, 0.95));
  CHECK_FALSE(primaryComparison(sets, "other", {}, 0.95));
  CHECK_FALSE(primaryComparison({sets[1]}, "mine", {}, 0.95));
  CHECK_FALSE(primaryComparison({}, "mine", {}, 0.95));
  REQUIRE(primaryComparison(sets, "mine", {}, 0.95));
  CHECK(primaryComparison(sets, "mine", {}, 0.95)->set == "test");
}
