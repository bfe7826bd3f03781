// The main job, end to end, on the embedded model: search, train, eval, report; resume; the same labels whatever the
// workers.
#include <map>
#include <nlohmann/json.hpp>

#include "cli/command.h"

using namespace polar::testing;
namespace fs = std::filesystem;

namespace {

CommandResult runQuickstart(const fs::path& results, const std::string& more = "", const std::string& stage = "run") {
  const CommandResult result = polarCommand(stage + " configs/quickstart.yaml" + smallRun(results) + " " + more);
  INFO(result.err);
  REQUIRE(result.status == 0);
  return result;
}

std::map<std::string, std::string> contents(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) files[entry.path().string()] = slurp(entry.path());
  return files;
}

// Two runs into a folder of their own, which is never written over unasked.
void checkComparison(const fs::path& folder, const fs::path& run) {
  const fs::path other = folder / "other", out = folder / "comparison";
  fs::copy(run, other, fs::copy_options::recursive);
  std::string config = slurp(other / "config.yaml");
  config.replace(config.find("top_k: 5"), 8, "top_k: 4");
  spill(other / "config.yaml", config);
  const std::string call = "report " + run.string() + " " + other.string();
  const auto compared = polarCommand(call);
  INFO(compared.err);
  REQUIRE(compared.status == 0);
  CHECK(compared.out.find("| eval.top_k | 5 | 4 |") != std::string::npos);
  CHECK(compared.out.find("| standard | other |") != std::string::npos);
  CHECK(fs::exists(folder / "quickstart-vs-other/index.html"));
  CHECK(polarCommand(call).status == 2);
  CHECK(polarCommand(call + " --force").status == 0);
  CHECK(polarCommand(call + " --output " + out.string()).status == 0);
  CHECK(slurp(out / "table.md") == compared.out);
  CHECK(polarCommand("report " + run.string() + " " + run.string()).status == 2);
  CHECK(polarCommand("report " + run.string() + " --output " + out.string()).status == 2);
  CHECK(polarCommand("report " + run.string() + " --output " + (folder / "copy").string()).status == 0);
  CHECK(slurp(folder / "copy/table.md") == slurp(run / "report/table.md"));
}

}  // namespace

TEST_CASE("polar run goes from questions to a report, and a second call repeats nothing") {
  const TemporaryFolder folder;
  const fs::path run = folder.path() / "quickstart";
  const CommandResult first = runQuickstart(folder.path());
  for (const char* file : {"config.yaml", "labels.h5", "oracle.h5", "predictor/predictor.safetensors",
                           "predictor/log.jsonl", "eval/embedded.json", "eval/wording.json", "report/index.html",
                           "report/table.md", "report/table.tex", "report/table.csv", "report/results.json"}) {
    INFO(file);
    CHECK(fs::exists(run / file));
  }
  CHECK(first.out.find("Partial run") != std::string::npos);
  CHECK(first.out.find("uses the answer") != std::string::npos);
  CHECK(slurp(run / "report/table.md").find(first.out.substr(first.out.find("| Set"))) != std::string::npos);
  CHECK(nlohmann::json::parse(slurp(run / "report/results.json"), nullptr, false).is_object());
  // The machine named is that of the numbers, as their records have it; not that of who draws.
  const std::string table = slurp(run / "report/table.md");
  for (const char* what : {"oracle labels", "embedded", "wording"})
    CHECK(table.find("- " + std::string(what) + (what[0] == 'o' ? " were" : " was") + " computed on: ") !=
          std::string::npos);
  CHECK(table.find("computed on: not recorded") == std::string::npos);
  CHECK(table.find("- machine:") == std::string::npos);

  const auto labels = slurp(run / "labels.h5"), predictor = slurp(run / "predictor/predictor.safetensors");
  const CommandResult again = runQuickstart(folder.path());
  CHECK(again.out == first.out);
  CHECK(again.err.find("search:") == std::string::npos);
  CHECK(slurp(run / "labels.h5") == labels);
  CHECK(slurp(run / "predictor/predictor.safetensors") == predictor);

  SECTION("a key that changes results is refused and named; --fresh starts anew; nothing is lost before") {
    const auto refused =
        polarCommand("search configs/quickstart.yaml" + smallRun(folder.path()) + " search.max_times=3");
    CHECK(refused.status == 2);
    CHECK(refused.err.find("search.max_times: 2 → 3") != std::string::npos);
    CHECK(refused.err.find("--fresh") != std::string::npos);
    CHECK(slurp(run / "labels.h5") == labels);
    runQuickstart(folder.path(), "search.max_times=3 --fresh", "search");
    CHECK(slurp(run / "labels.h5") != labels);
  }
  SECTION("bad input beside --fresh, and a refused key, leave every file as it is") {
    const auto before = contents(run);
    const std::pair<const char*, const char*> bad[] = {{"search", "data.train.path=none.jsonl --fresh"},
                                                       {"search", "search.strategy=menu search.menu=none.h5 --fresh"},
                                                       {"search", "runtime.reuse=[none.h5] --fresh"},
                                                       {"run", "model.path=none.gguf --fresh"},
                                                       {"eval", "data.test.path=none.jsonl --fresh"},
                                                       {"train", "train.epochs=7"},
                                                       {"eval", "eval.top_k=2"}};
    for (const auto& [stage, more] : bad) {
      INFO(stage << " " << more);
      const auto refused =
          polarCommand(std::string(stage) + " configs/quickstart.yaml" + smallRun(folder.path()) + " " + more);
      CHECK(refused.status == 2);
      CHECK(contents(run) == before);
    }
  }
  SECTION("report, inspect and ask read the run") {
    const auto report = polarCommand("report " + run.string());
    CHECK(report.status == 0);
    CHECK(report.out == first.out);
    CHECK(slurp(run / "report/table.csv").find(",seconds\n") != std::string::npos);
    checkComparison(folder.path(), run);
    const auto inspect = polarCommand("inspect " + (run / "labels.h5").string());
    CHECK(inspect.status == 0);
    CHECK(inspect.out.find("16") != std::string::npos);
    const auto ask = polarCommand("ask configs/quickstart.yaml" + smallRun(folder.path()) +
                                  " --question 'Tom has 3 apples. He buys 4 more. How many apples does Tom have?'");
    INFO(ask.err);
    CHECK(ask.status == 0);
    CHECK(ask.out.find("standard") != std::string::npos);
    CHECK(ask.out.find("choice 1") != std::string::npos);
  }
}

TEST_CASE("questions whose letter is the likeliest are evaluated and timed to the end") {
  const TemporaryFolder folder;
  std::string questions;
  for (int i = 0; i < 12; ++i)
    questions += nlohmann::json{{"id", "choice/" + std::to_string(i)},
                                {"question", "Tom has " + std::to_string(i + 3) + " apples. He buys 4 more. How many?"},
                                {"options", {std::to_string(i + 4), std::to_string(i + 7), std::to_string(i + 9)}},
                                {"answer", "B"}}
                     .dump() +
                 "\n";
  spill(folder.path() / "choice.jsonl", questions);
  std::string test = questions;
  for (std::size_t at = 0; (at = test.find("apples", at)) != std::string::npos; at += 5) test.replace(at, 6, "pears");
  for (std::size_t at = 0; (at = test.find("choice/", at)) != std::string::npos; at += 7)
    test.replace(at, 7, "tested/");
  spill(folder.path() / "test.jsonl", test);
  const auto result = polarCommand(
      "run configs/quickstart.yaml results_dir=" + folder.path().string() + " name=choice data.train.path=" +
      (folder.path() / "choice.jsonl").string() + " data.test.path=" + (folder.path() / "test.jsonl").string() +
      " data.test.name=test 'data.ood=[]' prompt.multiple_choice=letter_likelihood search.budget=10 search.samples=0"
      " search.oracle_test=false"
      " data.near_duplicates.mask_numbers=false data.near_duplicates.jaccard=0"
      " data.validation_fraction=0 'eval.policies=[standard, static, early_exit, shortgpt, vote, cascade]'"
      " eval.timed_questions=3");
  INFO(result.err);
  REQUIRE(result.status == 0);
  const std::string set = slurp(folder.path() / "choice/eval/test.json");
  CHECK(set.find("\"seconds\"") != std::string::npos);
  for (const char* tuned : {"labelled questions, the best of", "layers left out", "right most often of"})
    CHECK(set.find(tuned) != std::string::npos);
}

TEST_CASE("labels are the same bytes whatever the workers and the cut into parts") {
  const TemporaryFolder one, many;
  runQuickstart(one.path(), "runtime.workers=1 search.part_examples=16", "search");
  runQuickstart(many.path(), "runtime.workers=3 search.part_examples=2", "search");
  const auto labels = slurp(one.path() / "quickstart/labels.h5");
  CHECK_FALSE(labels.empty());
  CHECK(labels == slurp(many.path() / "quickstart/labels.h5"));
}

TEST_CASE("a search stopped by SIGTERM exits with 3 and resumes to the same labels") {
  const TemporaryFolder whole, stopped;
  runQuickstart(whole.path(), "", "search");
  const std::string call = "search configs/quickstart.yaml" + smallRun(stopped.path()) + " search.part_examples=1";
  const auto killed = polarCommand(call + " & child=$!; sleep 1.5; kill -TERM $child; wait $child; exit $?; true");
  // A fast machine may have finished before the signal came; a stop must be exit 3.
  CHECK((killed.status == 3 || killed.status == 0));
  runQuickstart(stopped.path(), "search.part_examples=1", "search");
  CHECK(slurp(whole.path() / "quickstart/labels.h5") == slurp(stopped.path() / "quickstart/labels.h5"));
}

TEST_CASE("polar exec prints one JSON line a program") {
  const auto one = polarCommand(
      "exec --model datasets/embedded/model --program 0-5,4-11 --max-new 4 --answer '7}' "
      "--prompt 'Question: Tom has 3 apples. He buys 4 more. How many apples does Tom have?\n"
      "Answer: \\boxed{'");
  INFO(one.err);
  REQUIRE(one.status == 0);
  const auto line = nlohmann::json::parse(one.out, nullptr, false);
  REQUIRE(line.is_object());
  CHECK(line["program"] == "0-5,4-11");
  CHECK(line["executed_layers"] == 14);
  CHECK(line["prompt_ids"].size() > 10);
  CHECK(line["answer_logprob"].get<double>() < 0);
  CHECK(line.contains("margin"));

  const auto many = polarCommand("exec --model datasets/embedded/model --max-new 2 --prompt -",
                                 "{\"prompt\": \"a\"}\n{\"prompt\": \"b\", \"program\": \"0-10\"}\n");
  CHECK(std::count(many.out.begin(), many.out.end(), '\n') == 2);
}

TEST_CASE("polar tokenize, grade, check and schema answer") {
  const auto ids = polarCommand("tokenize --model datasets/embedded/model", "{\"text\": \"12}\"}\n");
  const auto line = nlohmann::json::parse(ids.out, nullptr, false);
  REQUIRE(line.is_object());
  CHECK(line["ids"].size() == 3);
  const auto verdict = polarCommand("grade", "{\"answer\": \"18.0\", \"reference\": \"18\"}\n");
  CHECK(verdict.out.find("\"verdict\":\"right\"") != std::string::npos);
  const auto check = polarCommand("check configs/quickstart.yaml");
  CHECK(check.status == 0);
  CHECK(check.out.find("search") != std::string::npos);
  CHECK(nlohmann::json::parse(polarCommand("schema").out, nullptr, false).is_object());
}
