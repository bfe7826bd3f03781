// runtime.reuse and the search's log: evaluations taken over change neither labels nor what is reported of the search.
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/command.h"
#include "store/label_store.h"

using namespace polar;
using namespace polar::testing;
namespace fs = std::filesystem;

namespace {

std::string call(const char* command, const fs::path& results, const std::string& name, const std::string& more) {
  return std::string(command) + " configs/quickstart.yaml results_dir=" + results.string() + " name=" + name +
         " data.train.limit=6 search.oracle_test=false search.samples=1 search.budget=40 runtime.workers=1 " + more;
}

CommandResult search(const fs::path& results, const std::string& name, const std::string& more) {
  const CommandResult result = polarCommand(call("search", results, name, more));
  INFO(result.err);
  REQUIRE(result.status == 0);
  return result;
}

// Its lines of questions and calls.
std::vector<nlohmann::json> logOf(const fs::path& run) {
  std::istringstream lines(slurp(run / "labels.log.jsonl"));
  std::vector<nlohmann::json> log;
  bool started = false;
  for (std::string line; std::getline(lines, line);) {
    const auto json = nlohmann::json::parse(line);
    if (!json.contains("start")) {
      log.push_back(json);
      continue;
    }
    started = true;
    CHECK(has(json["start"]["command"], "polar search configs/quickstart.yaml"));
    CHECK(has(json["start"]["machine"], "cores"));
    CHECK(has(json["start"]["libtorch"], "."));
  }
  CHECK(started);
  return log;
}

}  // namespace

TEST_CASE("a search that takes evaluations over writes the same bytes, and says so in its log") {
  const TemporaryFolder folder;
  const std::string strategy = "search.strategy=beam search.max_edits=2 ";
  search(folder.path(), "first", "");
  search(folder.path(), "plain", strategy);
  const std::string reuse = "'runtime.reuse=[" + (folder.path() / "first/labels.h5").string() + "]' ";
  const auto reusing = search(folder.path(), "reusing", strategy + reuse);
  CHECK(slurp(folder.path() / "plain/labels.h5") == slurp(folder.path() / "reusing/labels.h5"));
  CHECK(has(reusing.err, "246 evaluations taken over from runtime.reuse"));

  const auto plain = logOf(folder.path() / "plain"), log = logOf(folder.path() / "reusing");
  REQUIRE(plain.size() == 7);
  REQUIRE(log.size() == 7);
  const LabelFile labels = readLabels(folder.path() / "plain/labels.h5");
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(log[i]["question"] == labels.examples[i].example.id);
    CHECK(log[i]["statistics"] == plain[i]["statistics"]);
    CHECK(log[i]["statistics"]["evaluations"] == 40);
    const double standardRight = log[i]["statistics"]["standard_right"];
    CHECK((standardRight == 1) == (labels.examples[i].standardVerdict == Verdict::right));
  }
  const nlohmann::json costs = plain.back()["call"], reused = log.back()["call"];
  CHECK(costs["questions"] == 6);
  CHECK(costs["evaluations"] == 246);
  CHECK(costs["reused"] == 0);
  CHECK(reused["reused"] > 30);
  const double seconds = costs["seconds"], executor = costs["executor_seconds"], writing = costs["writing_seconds"];
  CHECK(executor > 0);
  CHECK(writing > 0);
  CHECK(executor + writing < seconds);
  CHECK(std::abs(costs["overhead"].get<double>() - (1 - executor / seconds)) < 1e-9);
}

TEST_CASE("a log that a kill cut off goes on in a line of its own, and --fresh removes it") {
  const TemporaryFolder folder;
  const fs::path log = folder.path() / "cut/labels.log.jsonl";
  fs::create_directories(log.parent_path());
  spill(log, "{\"question\": \"embed");
  search(folder.path(), "cut", "");
  std::istringstream lines(slurp(log));
  std::string line;
  std::getline(lines, line);
  CHECK(line == "{\"question\": \"embed");
  int whole = 0;
  while (std::getline(lines, line)) whole += nlohmann::json::accept(line);
  CHECK(whole == 8);
  search(folder.path(), "cut", "--fresh");
  CHECK(logOf(folder.path() / "cut").size() == 7);
}

TEST_CASE("files that runtime.reuse or search.menu cannot use are refused, by polar check too") {
  const TemporaryFolder folder;
  search(folder.path(), "first", "");
  const fs::path file = folder.path() / "first/labels.h5", changed = folder.path() / "changed.h5";
  LabelFile labels = readLabels(file);
  for (ExampleLabels& each : labels.examples)
    for (LabelledProgram& program : each.programs)
      program.evaluation.margin = std::nextafter(program.evaluation.margin, 1000.0F);
  writeLabels(changed, labels);
  spill(folder.path() / "text.h5", "no labels");

  const auto refused = [&](const std::string& more, const std::string& why) {
    for (const char* command : {"search", "check"}) {
      const auto result = polarCommand(call(command, folder.path(), "second", more));
      INFO(command << ": " << result.err);
      CHECK(result.status == 2);
      CHECK(has(result.err, why));
    }
    CHECK_FALSE(fs::exists(folder.path() / "second/labels"));
  };
  const std::string reuse = "'runtime.reuse=[" + file.string() + "]'";
  refused("prompt.max_new_tokens=7 " + reuse, "evaluations with another prompt, prompt.max_new_tokens: 8");
  refused("model.kv=shared_slot " + reuse, "evaluations with another model.kv, model.kv: own_slot");
  refused("'runtime.reuse=[" + changed.string() + "]'", "labels that come out otherwise here");
  refused("'runtime.reuse=[" + (folder.path() / "none.h5").string() + "]'", "none.h5");
  refused("search.strategy=menu search.menu=" + (folder.path() / "text.h5").string(), "text.h5");
  refused("search.strategy=cascade search.menu=" + (folder.path() / "none.h5").string(), "none.h5");
  refused("runtime.executor=sharde", "did you mean shared?");
  CHECK(has(polarCommand(call("check", folder.path(), "second",
                              "search.strategy=mcts search.mcts_variant=paper "
                              "search.max_edits=2"))
                .out,
            "mcts never leaves depth 1: each of 84 single edits comes before any second one, and search.budget is 40"));
  const std::string menu = "search.strategy=menu search.menu=" + file.string() + " ";
  CHECK(polarCommand(call("check", folder.path(), "second", menu + reuse)).status == 0);
}

namespace {

// An evaluation's result without its clocks.
nlohmann::json resultWithoutTimes(const fs::path& file) {
  nlohmann::json result = nlohmann::json::parse(slurp(file));
  result.erase("origins");
  for (nlohmann::json& policy : result["policies"])
    for (nlohmann::json& row : policy["rows"]) row.erase("seconds");
  return result;
}

}  // namespace

TEST_CASE("an evaluation takes over what the oracle's search ran, and its result is the same as without") {
  const TemporaryFolder folder;
  const std::string more =
      "data.test.limit=6 'data.ood=[]' search.oracle_test=true 'eval.policies=[standard, random, static, oracle]' "
      "eval.timed_questions=2";
  REQUIRE(polarCommand(call("search", folder.path(), "run", more)).status == 0);
  const auto evaluate = [&] {
    const auto result = polarCommand(call("eval", folder.path(), "run", more + " --fresh"));
    INFO(result.err);
    REQUIRE(result.status == 0);
    return result.err;
  };
  const fs::path oracle = folder.path() / "run/oracle.h5", result = folder.path() / "run/eval/embedded.json";
  CHECK(has(evaluate(), " evaluations taken over from label files"));
  const nlohmann::json reusing = resultWithoutTimes(result);
  CHECK(reusing["policies"].size() == 4);

  // Labels that would come out otherwise are not used.
  LabelFile labels = readLabels(oracle);
  for (ExampleLabels& each : labels.examples)
    for (LabelledProgram& program : each.programs)
      program.evaluation.margin = std::nextafter(program.evaluation.margin, 1000.0F);
  writeLabels(oracle, labels);
  const std::string log = evaluate();
  CHECK(has(log, "the oracle's labels are not taken over, and their programs are run again: "));
  CHECK_FALSE(has(log, "taken over from label files"));
  CHECK(resultWithoutTimes(result) == reusing);
}
