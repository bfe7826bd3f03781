// A policy that is added to a finished evaluation costs its own runs alone.
#include <nlohmann/json.hpp>

#include "cli/command.h"

using namespace polar::testing;
namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

CommandResult command(const std::string& stage, const fs::path& results, const std::string& policies,
                      const std::string& more = "") {
  const CommandResult result =
      polarCommand(stage + " configs/quickstart.yaml" + smallRun(results) + " 'eval.policies=[" + policies +
                   "]' eval.timed_questions=2 train.value.epochs=2 " + more);
  INFO(result.err);
  REQUIRE(result.status == 0);
  return result;
}

Json resultOf(const fs::path& results, const std::string& set) {
  return Json::parse(slurp(results / "quickstart/eval" / (set + ".json")));
}

// Without what no two calls share: seconds, and who computed it when.
std::string comparable(Json set) {
  set.erase("origins");
  set.erase("aside");
  for (Json& policy : set["policies"])
    for (Json& row : policy["rows"]) row.erase("seconds");
  return set.dump();
}

std::vector<std::string> names(const Json& policies) {
  std::vector<std::string> all;
  for (const Json& policy : policies) all.push_back(policy["policy"]);
  return all;
}

}  // namespace

TEST_CASE("a policy that is added runs alone, and the result is that of an evaluation from scratch") {
  const TemporaryFolder grown, whole;
  command("run", grown.path(), "standard, random");
  const Json before = resultOf(grown.path(), "embedded");
  const auto added = command("run", grown.path(), "standard, samples, random, value, oracle", "train.seeds=2");
  CHECK(has(added.err,
            "eval embedded: samples, random@seed=2, value@seed=1, value@seed=2, oracle; the rows of the other"));
  CHECK(has(added.err, "eval wording: samples, random@seed=2, value@seed=1, value@seed=2; the rows of the other"));
  command("run", whole.path(), "standard, samples, random, value, oracle", "train.seeds=2");
  for (const char* set : {"embedded", "wording"}) {
    INFO(set);
    CHECK(comparable(resultOf(grown.path(), set)) == comparable(resultOf(whole.path(), set)));
  }
  const Json after = resultOf(grown.path(), "embedded");
  CHECK(names(after["policies"]) == std::vector<std::string>{"standard", "samples", "random@seed=1", "random@seed=2",
                                                             "value@seed=1", "value@seed=2", "oracle"});
  // Their very rows, with the seconds that were measured then.
  CHECK(after["policies"][0]["rows"] == before["policies"][0]["rows"]);
  CHECK(after["policies"][2]["rows"] == before["policies"][1]["rows"]);
  REQUIRE(after["origins"].size() == 2);
  CHECK(has(after["origins"][0]["command"], "polar run configs/quickstart.yaml"));
  CHECK(has(after["origins"][0]["machine"], "cores"));

  SECTION("one that is left out is set aside, and comes back without a run") {
    const auto fewer = command("eval", grown.path(), "random, standard");
    CHECK_FALSE(has(fewer.err, "polar: eval"));
    CHECK_FALSE(has(fewer.out, "oracle"));
    const Json left = resultOf(grown.path(), "embedded");
    CHECK(names(left["policies"]) == std::vector<std::string>{"random", "standard"});
    CHECK(left["policies"][1]["rows"] == before["policies"][0]["rows"]);
    CHECK(left["aside"].size() == 5);
    const auto back = command("eval", grown.path(), "standard, samples, random, value, oracle", "train.seeds=2");
    CHECK_FALSE(has(back.err, "polar: eval"));
    CHECK(comparable(resultOf(grown.path(), "embedded")) == comparable(resultOf(whole.path(), "embedded")));
  }
  SECTION("a report of a config whose policies were not all run is refused") {
    std::string config = slurp(grown.path() / "quickstart/config.yaml");
    config.replace(config.find("[standard, samples"), 18, "[standard, static, samples");
    spill(grown.path() / "quickstart/config.yaml", config);
    const auto report = polarCommand("report " + (grown.path() / "quickstart").string());
    CHECK(report.status == 2);
    CHECK(has(report.err, "embedded.json: found no rows of policy static"));
  }
  SECTION("another key of the evaluation is refused with the command for it") {
    const auto refused = polarCommand("run configs/quickstart.yaml" + smallRun(grown.path()) +
                                      " 'eval.policies=[standard, random]' train.value.epochs=2 eval.top_k=3");
    CHECK(refused.status == 2);
    CHECK(has(refused.err, "eval.top_k: 5 → 3"));
    CHECK(has(refused.err, "polar eval configs/quickstart.yaml"));
    CHECK(has(refused.err, "eval.top_k=3 --fresh"));
  }
}
