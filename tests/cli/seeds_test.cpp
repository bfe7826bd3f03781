// Several seeds and prices in one call, and what a later call leaves alone; the leak guard over all sets.
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "program/program.h"

using namespace polar;
using namespace polar::testing;
namespace fs = std::filesystem;

namespace {

std::string call(const std::string& stage, const fs::path& results, const std::string& more) {
  return stage + " configs/quickstart.yaml" + smallRun(results) + " search.oracle_test=false train.value.epochs=2 " +
         more;
}

}  // namespace

TEST_CASE("two seeds and two prices: a model each, a row each, a third seed trains itself alone") {
  const TemporaryFolder folder;
  const fs::path run = folder.path() / "quickstart", own = run / "predictor/value.safetensors",
                 second = run / "predictor/seed-2/value.safetensors",
                 third = run / "predictor/seed-3/value.safetensors";
  const std::string policies =
      "'eval.policies=[standard, samples, shortgpt, early_exit, drllm, value, cascade, vote, sample_vote, "
      "chooser, distilled]' train.chooser.steps=20 "
      "'eval.layer_prices=[0, 0.5]' "
      "eval.timed_questions=2 ";
  require(polarCommand(call("run", folder.path(), policies + "train.seeds=2")));
  CHECK(fs::exists(run / "predictor/calibration.json"));
  CHECK(slurp(own) != slurp(second));
  const auto set = nlohmann::json::parse(slurp(run / "eval/embedded.json"), nullptr, false);
  REQUIRE(set.is_object());
  std::vector<std::string> names;
  for (const auto& policy : set["policies"]) names.push_back(policy["policy"]);
  CHECK(names == std::vector<std::string>{"standard",
                                          "samples",
                                          "shortgpt",
                                          "early_exit",
                                          "drllm@seed=1",
                                          "drllm@seed=2",
                                          "value@price=0,seed=1",
                                          "value@price=0,seed=2",
                                          "value@price=0.5,seed=1",
                                          "value@price=0.5,seed=2",
                                          "cascade",
                                          "vote",
                                          "sample_vote",
                                          "chooser@price=0,seed=1",
                                          "chooser@price=0,seed=2",
                                          "chooser@price=0.5,seed=1",
                                          "chooser@price=0.5,seed=2",
                                          "distilled@price=0,seed=1",
                                          "distilled@price=0,seed=2",
                                          "distilled@price=0.5,seed=1",
                                          "distilled@price=0.5,seed=2"});
  for (const char* name : {"chooser", "distilled"})
    for (const char* ending : {".json", ".safetensors", "_calibration.json"})
      CHECK(fs::exists(run / "predictor/seed-2" / (std::string(name) + ending)));
  CHECK(set["policies"][6]["rows"][0]["seconds"].get<double>() > 0);
  // Reading a question costs the layers that the chosen program does not begin
  // with; where the policy has settled on the standard program, it reads none.
  for (const auto& value : {set["policies"][6], set["policies"][8]}) {
    const bool reads = value["settings"].get<std::string>().find("always standard") == std::string::npos;
    for (const auto& row : value["rows"]) {
      const auto& trial = row["trials"][0];
      const Program program = Program::parse(trial["program"].get<std::string>(), 12);
      const int apart = reads ? distinctLayers({program, Program::standard(12)}) - program.executed() : 0;
      CHECK(row["choosing_layer_tokens"].get<int>() * program.executed() ==
            apart * trial["prefill_layer_tokens"].get<int>());
    }
  }

  const auto before = fs::last_write_time(own);
  const auto refused = polarCommand(call("eval", folder.path(), policies + "train.seeds=3"));
  CHECK(refused.status == 2);
  require(polarCommand(call("train", folder.path(), policies + "train.seeds=3")));
  CHECK(fs::last_write_time(own) == before);
  CHECK(slurp(third) != slurp(second));
  const auto ask = polarCommand(call("ask", folder.path(), policies) +
                                " --question 'Tom has 3 apples. He buys 4 more. How many apples does Tom have?'");
  require(ask);
  CHECK(ask.out.find("value and what it reads") != std::string::npos);
}

TEST_CASE("the leak guard takes questions of the test set and of every OOD set out of the train set") {
  const TemporaryFolder folder;
  const auto record = [](const std::string& id, const std::string& question) {
    return nlohmann::json{{"id", id}, {"question", question}, {"answer", "1"}}.dump() + "\n";
  };
  spill(folder.path() / "train.jsonl",
        record("a", "Tom has  one apple. How many?") + record("b", "ann has one pear. how many?") +
            record("c", "Ben has one nut. How many?") + record("d", "Mia has one key. How many?"));
  spill(folder.path() / "test.jsonl", record("t", "Tom has one apple. How many?"));
  spill(folder.path() / "ood.jsonl", record("o", "Ann has one pear. How many?"));
  const std::string f = folder.path().string();
  const auto result = polarCommand("search configs/quickstart.yaml results_dir=" + f + " data.train.path=" + f +
                                   "/train.jsonl data.test.path=" + f + "/test.jsonl 'data.ood=[{name: o, path: " + f +
                                   "/ood.jsonl}]' search.budget=2 search.samples=0 search.oracle_test=false");
  require(result);
  CHECK(result.err.find("leak guard: left out of training as near-duplicates of test questions: 2 (") !=
        std::string::npos);
  const auto inspect = polarCommand("inspect " + (folder.path() / "quickstart/labels.h5").string());
  CHECK(inspect.out.find("examples   2") != std::string::npos);
}
