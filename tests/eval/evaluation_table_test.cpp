#include "eval/evaluation_table.h"

#include <cmath>

#include "catch.h"
#include "eval/planted.h"
#include "support/error.h"

using namespace polar;
using namespace polar::testing;

namespace {

// Four questions; first choices and verdicts small enough to count by hand.
SetResult handmade() {
  SetResult set{"test", true, 4, 4, {}};
  const auto row = [](int i, std::vector<std::pair<std::string, Verdict>> trials) {
    Row one;
    one.exampleId = plantedExample(i).id;
    one.level = i < 2 ? 1 : 5;
    one.choosingLayerTokens = i;
    for (const auto& [program, verdict] : trials) {
      one.trials.push_back(trial(program, true, 4));
      one.trials.back().verdict = verdict;
    }
    return one;
  };
  const Verdict right = Verdict::right, wrong = Verdict::wrong, undecided = Verdict::undecided;
  set.policies.push_back(
      {"standard",
       false,
       {row(0, {{"0-3", right}}), row(1, {{"0-3", wrong}}), row(2, {{"0-3", wrong}}), row(3, {{"0-3", right}})}});
  // In another order, to show that pairs are made by id; rank 2 rescues question 2, rank 3 question 3.
  set.policies.push_back(
      {"mine",
       false,
       {row(1, {{"0-2", right}, {"0-3", wrong}}), row(0, {{"0-3", right}}),
        row(3, {{"0-3,3", wrong}, {"0-2", wrong}, {"0-3", right}}), row(2, {{"0-2", undecided}, {"0-3,3", right}})}});
  return set;
}

std::string errorOf(const std::string& text) {
  const TemporaryFolder folder;
  spill(folder.path() / "set.json", text);
  try {
    readSetResult(folder.path() / "set.json");
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a summary counts what can be counted by hand") {
  const std::vector<Summary> summaries = summarise(handmade(), 0.95);
  REQUIRE(summaries.size() == 2);
  const Summary& standard = summaries[0];
  CHECK(standard.right == 2);
  CHECK(standard.accuracy == 0.5);
  CHECK_FALSE(standard.paired);
  CHECK(standard.standardShare == 1);
  CHECK(standard.entropy == 0);
  CHECK(standard.executed == 4);
  CHECK(standard.passAt == std::vector<double>{0.5});

  const Summary& mine = summaries[1];
  CHECK(mine.n == 4);
  CHECK(mine.right == 2);
  CHECK(mine.undecided == 1);
  CHECK(mine.interval.low == wilson(2, 4).low);
  CHECK(mine.paired);
  CHECK(mine.gained == 1);  // question 1
  CHECK(mine.lost == 1);    // question 3
  CHECK(mine.difference == 0);
  CHECK(mine.mcnemarP == 1);
  CHECK(mine.executed == (3 + 4 + 5 + 3) / 4.0);
  CHECK(mine.unique == (3 + 4 + 4 + 3) / 4.0);
  CHECK(mine.prefillLayerTokens == 40 * 15 / 4.0);
  CHECK(mine.decodeLayerTokens == 5 * 15 / 4.0);
  CHECK(mine.choosingLayerTokens == 6 / 4.0);
  CHECK(mine.totalLayerTokens == 45 * 15 / 4.0 + 6 / 4.0);
  CHECK(mine.costRatio == (45 * 15 + 6) / (45.0 * 16 + 6));
  CHECK_FALSE(summarise({"alone", true, 4, 1, {{"mine", false, {}}}}, 0.95)[0].costRatio);
  CHECK(mine.passAt == std::vector<double>{0.5, 0.75, 1});
  CHECK(mine.standardShare == 0.25);
  CHECK(mine.distinct == 3);
  CHECK(std::abs(mine.entropy - 1.5) < 1e-12);  // 1/2, 1/4, 1/4
  CHECK(mine.commonest == "0-2");
  CHECK(mine.commonestShare == 0.5);
  using Level = std::pair<int, std::pair<std::int64_t, std::int64_t>>;
  CHECK(mine.perLevel == std::vector<Level>{{1, {2, 2}}, {5, {0, 2}}});
}

TEST_CASE("pairs: only examples that the standard program ran too, none without it") {
  SetResult set = handmade();
  set.policies[0].rows.erase(set.policies[0].rows.begin());  // question 0
  Summary mine = summarise(set, 0.95)[1];
  CHECK(mine.gained == 1);
  CHECK(mine.lost == 1);
  set.policies.erase(set.policies.begin());
  mine = summarise(set, 0.95)[0];
  CHECK_FALSE(mine.paired);
  CHECK(mine.mcnemarP == 1);
}

TEST_CASE("no rows: an interval of [0, 1] and no division by nothing") {
  SetResult set{"empty", false, 4, 0, {{"standard", false, {}}, {"mine", false, {}}}};
  for (const Summary& summary : summarise(set, 0.9)) {
    CHECK(summary.accuracy == 0);
    CHECK(summary.interval.high == 1);
    CHECK(summary.passAt.empty());
    CHECK(summary.entropy == 0);
    CHECK_FALSE(summary.paired);
  }
}

TEST_CASE("results are written and read back whole") {
  const TemporaryFolder folder;
  SetResult set = plantedSet("test", true, 12, 0);
  set.policies[1].rows[2].trials[0].text =
      "quote \" newline \n NUL \0 ü"
      " \xF0\x9F\x98\x80";
  set.policies[1].rows[3].level = std::nullopt;
  set.policies[1].rows[4].level = -3;
  set.policies[2].rows[0].trials[0].verdict = Verdict::undecided;
  set.policies[2].rows[1].seconds = 0.125;
  set.policies[2].seed = 7;
  set.policies[2].price = 0.5;
  set.policies[2].settings = "threshold 0.95, the best of 7";
  set.leftOut = 3;
  set.origins = {{"A processor, 2 cores", "2.13.0", "polar eval x.yaml"}, {"Another", "2.12.0", "polar run x.yaml"}};
  writeSetResult(folder.path() / "set.json", set);
  const SetResult back = readSetResult(folder.path() / "set.json");
  writeSetResult(folder.path() / "again.json", back);
  CHECK(slurp(folder.path() / "set.json") == slurp(folder.path() / "again.json"));
  CHECK(back.depth == 12);
  CHECK(back.available == 12);
  CHECK(back.policies[1].rows[2].trials[0].text == set.policies[1].rows[2].trials[0].text);
  CHECK_FALSE(back.policies[1].rows[3].level);
  CHECK(back.policies[1].rows[4].level == -3);
  CHECK(back.policies[2].rows[0].trials[0].verdict == Verdict::undecided);
  CHECK(back.policies[4].usesAnswer);
  CHECK(back.policies[2].rows[1].seconds == 0.125);
  CHECK_FALSE(back.policies[2].rows[0].seconds);
  CHECK(back.policies[2].seed == 7);
  CHECK(back.policies[2].price == 0.5);
  CHECK_FALSE(back.policies[1].seed);
  CHECK(back.policies[2].settings == set.policies[2].settings);
  CHECK(back.policies[1].settings.empty());
  CHECK(back.leftOut == 3);
  CHECK(back.origins == set.origins);
  CHECK_FALSE(sameMachines(back.origins));
  CHECK(back.policies[3].rows[5].choosingLayerTokens == 12);

  // Generated bytes need not be UTF-8.
  set.policies[0].rows[0].trials[0].text = "half a sign: \xE2\x82";
  writeSetResult(folder.path() / "set.json", set);
  CHECK(readSetResult(folder.path() / "set.json").policies[0].rows[0].trials[0].text == "half a sign: \xEF\xBF\xBD");
}

TEST_CASE("a result file from before origins, settings and counts of repeats is read") {
  const TemporaryFolder folder;
  SetResult set = plantedSet("test", true, 3, 0);
  writeSetResult(folder.path() / "set.json", set);
  CHECK_FALSE(readSetResult(folder.path() / "set.json").olderCounts);
  CHECK_FALSE(readSetResult(folder.path() / "set.json").fullChoosing);
  const std::string second = replaced(slurp(folder.path() / "set.json"), "\"schema\":3", "\"schema\":2");
  spill(folder.path() / "second.json", second);
  CHECK(readSetResult(folder.path() / "second.json").fullChoosing);
  CHECK_FALSE(readSetResult(folder.path() / "second.json").olderCounts);
  set.policies.resize(1);  // the standard program alone reads nothing
  writeSetResult(folder.path() / "one.json", set);
  spill(folder.path() / "one.json", replaced(slurp(folder.path() / "one.json"), "\"schema\":3", "\"schema\":2"));
  CHECK_FALSE(readSetResult(folder.path() / "one.json").fullChoosing);
  set = plantedSet("test", true, 3, 0);
  spill(folder.path() / "old.json",
        replaced(replaced(slurp(folder.path() / "set.json"), "\"left_out\":0,\"origins\":[],", ""), "\"schema\":3",
                 "\"schema\":1"));
  const SetResult old = readSetResult(folder.path() / "old.json");
  CHECK(old.olderCounts);
  CHECK(old.leftOut == 0);
  CHECK(old.origins.empty());
  CHECK(old.policies.size() == set.policies.size());
}

TEST_CASE("a broken result file is answered by one line that names the place") {
  const TemporaryFolder folder;
  writeSetResult(folder.path() / "set.json", plantedSet("test", true, 3, 0));
  const std::string good = slurp(folder.path() / "set.json");
  CHECK(errorOf(good).empty());
  for (std::size_t length = 0; length + 1 < good.size(); length += 1 + good.size() / 50)
    CHECK(without(errorOf(good.substr(0, length)), "set.json") == "");
  CHECK(without(errorOf("[1]"), "expected an object") == "");
  CHECK(without(errorOf(replaced(good, "\"schema\":3", "\"schema\":4")), "schema: found 4, expected 1 to 3") == "");
  CHECK(without(errorOf(replaced(good, "\"depth\":12", "\"depth\":-1")), ".depth: found -1") == "");
  CHECK(without(errorOf(replaced(good, "\"depth\":12", "\"depth\":99999999999")), ".depth: found") == "");
  CHECK(without(errorOf(replaced(good, "\"depth\":12,", "")), "no member 'depth'") == "");
  CHECK(without(errorOf(replaced(good, "\"right\"", "\"maybe\"")),
                "policies[0].rows[0].trials[0].verdict: found \"maybe\", expected right, wrong or undecided") == "");
  CHECK(without(errorOf(replaced(good, "\"level\":1", "\"level\":1.5")), "rows[0].level: found 1.5") == "");
  CHECK(without(errorOf(replaced(good, "\"in_distribution\":true", "\"in_distribution\":1")),
                "expected true or false") == "");
  CHECK(without(errorOf(replaced(good, "\"rows\"", "\"seed\":-1,\"rows\"")), "policies[0].seed: found -1") == "");
  CHECK(without(errorOf(replaced(good, "\"rows\"", "\"price\":\"x\",\"rows\"")), "policies[0].price: found \"x\"") ==
        "");
  CHECK(without(errorOf(replaced(good, "\"origins\":[]", "\"origins\":[{\"machine\":7}]")),
                "origins[0].machine: found 7, expected a string") == "");
  CHECK_THROWS_AS(readSetResult(folder.path() / "absent.json"), InputError);
}
