// polar check: refuses what a later stage would refuse, as polar
// run does before it searches, and estimates every stage.
#include <nlohmann/json.hpp>

#include "cli/command.h"

using namespace polar::testing;
namespace fs = std::filesystem;

namespace {

// The same line from both, and nothing written.
void requireBothRefuse(const std::string& more, const std::string& why) {
  const TemporaryFolder folder;
  for (const char* command : {"check", "run"}) {
    const auto result =
        polarCommand(std::string(command) + " configs/quickstart.yaml" + smallRun(folder.path()) + " " + more);
    INFO(command << " " << more << ": " << result.err);
    CHECK(result.status == 2);
    CHECK(has(result.err, why));
    CHECK_FALSE(fs::exists(folder.path() / "quickstart"));
  }
}

std::string checked(const std::string& more) {
  const auto result = polarCommand("check configs/quickstart.yaml " + more);
  INFO(result.err);
  REQUIRE(result.status == 0);
  return result.out;
}

}  // namespace

TEST_CASE("what training or evaluation would refuse after hours is refused at once") {
  const std::string random = "search.strategy=random search.max_edits=2 'eval.policies=[standard, ";
  requireBothRefuse(random + "value]'", "eval.policies: value: found search.strategy random, which runs only ");
  requireBothRefuse(random + "cascade]'", "eval.policies: cascade");
  requireBothRefuse(random + "vote]'",
                    "expected 5 or more, the standard program included; use search.strategy enumerate");
  requireBothRefuse("search.budget=1 'eval.policies=[standard, value]'", "runs only 1 program(s) on every question");
  requireBothRefuse("train.encoder_layer=13", "train.encoder_layer: found 13, expected 1 to 12");
  requireBothRefuse("'train.value.layers=[3, 13]' 'eval.policies=[standard, value]'",
                    "train.value.layers: found 13, expected 1 to 12");
  requireBothRefuse("train.encoder=embedding train.embedding_model=no/such/model", "no/such/model");
}

TEST_CASE("a train set that the leak guard leaves empty is refused") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "one.jsonl";
  spill(file, nlohmann::json{{"id", "a"}, {"question", "Tom has one apple. How many?"}, {"answer", "1"}}.dump() + "\n");
  requireBothRefuse("data.train.path=" + file.string() + " data.test.path=" + file.string(), "data.train");
}

TEST_CASE("every stage is estimated from what it will run") {
  // 84 edits of one segment and the standard program: fewer than the budget.
  const std::string whole = checked(
      "search.budget=200 search.samples=20 data.train.limit=40 data.test.limit=10 'data.ood=[]' "
      "'eval.policies=[standard, random, static, vote, oracle]' eval.timed_questions=3");
  INFO(whole);
  CHECK(has(whole, "40 questions x 85 programs and 20 samples: at most 4200 evaluations"));
  CHECK(has(whole, "10 questions x 85 programs: at most 850 evaluations"));
  CHECK(has(whole, "10 questions x 5 policies with at most 21 runs: 210 evaluations"));
  CHECK(has(whole, "3 of them once more"));
  CHECK(has(whole, "\ntotal       at most "));
  CHECK_FALSE(has(whole, "\ntrain       predictor"));
  const std::string trained = checked("data.train.limit=40 search.oracle_test=false train.seeds=2");
  CHECK(has(trained, "predictor, 2 seed(s): not estimated, as"));
  CHECK(has(trained, "policy oracle is left out"));
  CHECK_FALSE(has(trained, "\noracle "));
  CHECK_FALSE(has(trained, "inf"));
}
