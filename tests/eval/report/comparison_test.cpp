#include <cmath>
#include <nlohmann/json.hpp>

#include "catch.h"
#include "eval/planted.h"
#include "eval/policy_name.h"
#include "eval/report/report_comparison.h"

using namespace polar;
using namespace polar::testing;

namespace {

SetResult setOf(const std::string& name, const std::string& policy, int from, int to, int right) {
  SetResult set{name, true, 4, to - from, {}};
  PolicyResult result{policy, false, {}};
  for (int i = from; i < to; ++i) {
    Row row;
    row.exampleId = plantedExample(i).id;
    row.trials.push_back(trial(i % 2 == 0 ? "0-3" : "0-2", i < right, 4));
    result.rows.push_back(std::move(row));
  }
  set.policies.push_back(std::move(result));
  return set;
}

}  // namespace

TEST_CASE("runs are compared on the questions that both answered") {
  // Questions 5 … 9 are common; the first run is right on 5 and 6, the second on 5 … 8.
  const RunComparison comparison =
      compareRuns({{"a", {{"seed", "1"}, {"search.budget", "9"}}, {setOf("test", "mine", 0, 10, 7)}},
                   {"b", {{"seed", "1"}, {"search.budget", "5"}, {"new", "x"}}, {setOf("test", "mine", 5, 15, 9)}}},
                  0.95);
  REQUIRE(comparison.pairs.rows.size() == 1);
  const std::vector<std::string>& row = comparison.pairs.rows.front();
  CHECK(row == std::vector<std::string>{"test (in distribution)", "mine", "b", "5", "40.0", "[11.8, 76.9]", "80.0",
                                        "[37.6, 96.4]", "+40.0", row[9], row[10], "2", "0", "0.500", "0.500", "153",
                                        "153", "3.40", "3.40"});
  REQUIRE(comparison.remarks.size() == 1);
  CHECK(without(comparison.remarks[0], "set test, policy mine: 5 questions are in both runs (a has 10, b has 10)") ==
        "");
  CHECK(comparison.keys.rows ==
        std::vector<std::vector<std::string>>{{"new", "(absent)", "x"}, {"search.budget", "9", "5"}});
}

TEST_CASE("p is corrected for all lines of a comparison but the oracle's") {
  const auto run = [](const std::string& name, int mine, int oracle) {
    SetResult set = setOf("test", "mine", 0, 20, mine);
    set.policies.push_back(setOf("test", "oracle", 0, 20, oracle).policies.front());
    set.policies.back().usesAnswer = true;
    return ComparedRun{name, {}, {set}};
  };
  const RunComparison comparison = compareRuns({run("a", 5, 0), run("b", 12, 20), run("c", 10, 20)}, 0.95);
  const auto cell = [&](std::size_t row, const std::string& key) {
    const auto& columns = comparison.pairs.columns;
    const auto at =
        std::find_if(columns.begin(), columns.end(), [&](const Column& column) { return column.key == key; });
    return comparison.pairs.rows.at(row).at(static_cast<std::size_t>(at - columns.begin()));
  };
  REQUIRE(comparison.pairs.rows.size() == 4);
  CHECK(cell(0, "mcnemar_p") == "0.016");  // seven questions more: 2/2^7
  CHECK(cell(0, "p_holm") == "0.031");     // the smaller of two
  CHECK(cell(2, "mcnemar_p") == "0.062");
  CHECK(cell(2, "p_holm") == "0.062");
  for (const std::size_t row : {std::size_t{1}, std::size_t{3}}) {
    CHECK(cell(row, "mcnemar_p") == "<0.001");
    CHECK(cell(row, "p_holm") == "–");
  }
  CHECK(without(markdownComparison(comparison), "by Holm's correction") == "");
}

TEST_CASE("runs of unlike machines or counted by an earlier version are compared only with a line that says so") {
  ComparedRun first{"a", {}, {setOf("test", "mine", 0, 10, 7)}}, second = first;
  second.name = "b";
  first.sets[0].origins = {{"A", "2.13.0", "polar eval a.yaml"}};
  second.sets[0].origins = {{"A", "2.13.0", "polar eval b.yaml"}};
  CHECK(compareRuns({first, second}, 0.95).remarks.empty());
  second.sets[0].origins = {{"B", "2.13.0", "polar eval b.yaml"}};
  second.sets[0].olderCounts = true;
  const auto remarks = compareRuns({first, second}, 0.95).remarks;
  REQUIRE(remarks.size() == 2);
  CHECK(without(remarks[0], "set test: a and b were computed on unlike machines") == "");
  CHECK(without(remarks[1], "an earlier Polar counted the layer-tokens of b") == "");
  second.sets[0] = first.sets[0];
  second.sets[0].fullChoosing = true;
  const auto choosing = compareRuns({first, second}, 0.95).remarks;
  REQUIRE(choosing.size() == 1);
  CHECK(without(choosing[0], "an earlier Polar counted all that choosing reads in b,") == "");
}

TEST_CASE("what cannot be paired is said in a line each") {
  ComparedRun first{"a", {}, {setOf("test", "mine", 0, 10, 7), setOf("far", "mine", 0, 10, 7)}};
  ComparedRun second{"b", {}, {setOf("test", "mine", 20, 30, 25), setOf("near", "mine", 0, 10, 7)}};
  second.sets[0].policies.push_back(second.sets[0].policies[0]);
  second.sets[0].policies.back().policy = "other";
  RunComparison comparison = compareRuns({first, second}, 0.95);
  CHECK(comparison.pairs.rows.empty());
  CHECK(comparison.remarks == std::vector<std::string>{"set test, policy mine: a and b have no question in common",
                                                       "set test: only b ran other",
                                                       "set far: only a ran it, b did not",
                                                       "set near: only b ran it, a did not"});
  CHECK(without(markdownComparison(comparison), "No set and policy of these runs can be paired.") == "");
  const TemporaryFolder folder;
  writeComparison(folder.path() / "out", comparison);
  CHECK_FALSE(std::filesystem::exists(folder.path() / "out/run_differences.vl.json"));
  CHECK(nlohmann::json::parse(slurp(folder.path() / "out/results.json"))["remarks"].size() == 4);
  // The same set out of distribution is another set; the same policy of another seed is another policy.
  second = first;
  second.name = "b";
  second.sets[0].inDistribution = false;
  second.sets[1].policies[0].seed = 3;
  comparison = compareRuns({first, second}, 0.95);
  CHECK(comparison.pairs.rows.empty());
  CHECK(comparison.remarks.size() == 4);
  CHECK_THROWS_AS(compareRuns({first}, 0.95), std::logic_error);
}

TEST_CASE("the names of policies are read in parts") {
  const PolicyName plain = parsePolicyName("standard");
  CHECK(plain.family == "standard");
  CHECK(plain.variant == "standard");
  CHECK_FALSE(plain.seed);
  const PolicyName both = parsePolicyName("value@price=0.25,seed=3,beam=5");
  CHECK(both.family == "value");
  CHECK(both.variant == "value@price=0.25,beam=5");
  CHECK(both.price == 0.25);
  CHECK(both.seed == 3);
  CHECK(parsePolicyName("value@seed=3").variant == "value");
  const PolicyName odd = parsePolicyName("a@seed=x,price=,@,");
  CHECK(odd.family == "a");
  CHECK(odd.variant == "a@seed=x,price=,@");
  CHECK_FALSE(odd.seed);
  CHECK_FALSE(odd.price);
}

TEST_CASE("label statistics count what can be counted by hand") {
  const std::vector<LabelStatistics> all = labelStatistics(plantedLabels(24), 12);
  REQUIRE(all.size() == 2);
  CHECK(all[0].split == "train");
  CHECK(all[1].split == "validation");
  const LabelStatistics& validation = all[1];  // questions 0, 5, 10, 15, 20; the standard program answers 0, 10, 20
  CHECK(validation.questions == 5);
  REQUIRE(validation.edits.size() == 3);
  CHECK(validation.edits[0].program == "0-3,3-11");
  CHECK(validation.edits[0].edit == Segment{3, 1, SegmentOp::repeat, 2});
  CHECK(validation.edits[0].kept == 3);
  CHECK(validation.edits[0].gained == 0);
  CHECK(validation.edits[1].program == "0-4,6-11");  // right on 0 and 15
  CHECK(validation.edits[1].edit == Segment{5, 1, SegmentOp::skip, 0});
  CHECK(validation.edits[1].kept == 1);
  CHECK(validation.edits[1].keptOf == 3);
  CHECK(validation.edits[1].gained == 1);
  CHECK(validation.edits[1].gainedOf == 2);
  CHECK(validation.edits[2].kept + validation.edits[2].gained == 5);
  // The standard program, the skip, the two repeats; the sample is none.
  REQUIRE(validation.cost.size() == 4);
  CHECK(validation.cost[0].found == 3);
  CHECK(validation.cost[0].foundShorter == 0);
  CHECK(validation.cost[1].found == 4);
  CHECK(validation.cost[1].foundShorter == 2);
  CHECK(validation.cost[2].found == 5);
  CHECK(validation.cost[3].evaluations == 4);
  REQUIRE(validation.shortest.size() == 3);
  CHECK(validation.shortest[0].layers == 11);
  CHECK(validation.shortest[0].standardRight == 1);
  CHECK(validation.shortest[0].rescued == 1);
  CHECK(validation.shortest[1].standardRight == 2);
  CHECK(validation.shortest[2].layers == 14);
  CHECK(labelStatistics({}, 12).empty());
}
