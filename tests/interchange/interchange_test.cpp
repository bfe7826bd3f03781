// The field's label files in and out: every variant, round trips, refusals.
#include "interchange/interchange.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "interchange/gzip.h"
#include "program/segments.h"
#include "support/error.h"
#include "support/random.h"

using namespace polar;
using namespace polar::testing;
namespace fs = std::filesystem;
using Json = nlohmann::json;

namespace {

// Runs polar import on `text` and reads what it wrote.
LabelFile imported(const std::string& text, const std::string& more = "",
                   const std::string& name = "merged_mcts_samples.json") {
  const TemporaryFolder folder;
  spill(folder.path() / name, text);
  const fs::path output = folder.path() / "labels.h5";
  const auto result = polarCommand("import " + (folder.path() / name).string() + " -o " + output.string() + " " + more);
  INFO(result.err);
  REQUIRE(result.status == 0);
  return readLabels(output);
}

// What reading `text` and making labels of it is refused with.
std::string refused(const std::string& text, int depth = 0) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "merged_mcts_samples.json";
  spill(file, text);
  INFO(text.substr(0, 200));
  std::string message;
  try {
    const Json json = readForeignJson(file);
    ImportSummary summary;
    labelsOf(looksLikeDrllm(json) ? readDrllmResults(json, file) : readPolarSamples(json, file), file, depth, summary);
  } catch (const InputError& error) {
    message = error.what();
  }
  INFO(message);
  CHECK_FALSE(has(message, "\n"));
  CHECK_FALSE(has(message, "json.exception"));
  CHECK(has(message, "merged_mcts_samples.json"));
  return message;
}

std::vector<std::string> programs(const ExampleLabels& labels, Verdict verdict) {
  std::vector<std::string> texts;
  for (const LabelledProgram& each : labels.programs)
    if (each.evaluation.verdict == verdict) texts.push_back(each.program.text());
  return texts;
}

using Texts = std::vector<std::string>;

const char* const kPlain = R"({"metadata": {"model": "m"}, "samples": [
  {"question": "What is 2 + 3?", "gt_ans": "\\boxed{5}", "query_id": 17, "initial_score": 1,
   "final_valid_transitions": [[0, 1, 2, 3], [0, 1, 1, 2, 3], [3]],
   "final_invalid_transitions": [[0, 2, 3]], "other": {"a": [1]}},
  {"question": "What is 1/2 of 3?", "gt_ans": "$\\boxed{\\frac{3}{2}}$", "query_id": "q-2", "initial_score": 0,
   "final_valid_transitions": []}]})";

}  // namespace

TEST_CASE("merged_mcts_samples.json becomes labels") {
  const LabelFile file = imported(kPlain);
  CHECK(file.provenance.depth == 4);
  REQUIRE(file.examples.size() == 2);
  const ExampleLabels& first = file.examples[0];
  CHECK(first.example.id == "17");
  CHECK(first.example.question == "What is 2 + 3?");
  CHECK(first.example.answer == "5");
  CHECK(first.standardVerdict == Verdict::right);
  CHECK(programs(first, Verdict::right) == Texts{"0-3", "0-1,1-3", "3"});
  CHECK(programs(first, Verdict::wrong) == Texts{"0,2-3"});
  for (const LabelledProgram& each : first.programs) {
    CHECK(each.origin == "import");
    CHECK(std::isnan(each.evaluation.answerLogprob));
    CHECK(std::isnan(each.evaluation.margin));
  }
  CHECK(file.examples[1].example.answer == "\\frac{3}{2}");
  CHECK(file.examples[1].standardVerdict == Verdict::wrong);
  CHECK(file.examples[1].programs.empty());
}

TEST_CASE("every variant of the fields is read") {
  const auto one = [](const std::string& sample) { return imported("[" + sample + "]", "--depth 4").examples.at(0); };
  const std::string rest = R"("final_valid_transitions": [[0, 1]])";
  SECTION("sample_info holds question, answer and id") {
    for (const char* answer : {"ground_truth", "answer"}) {
      const auto labels = one(R"({"sample_info": {"question": "Q", "query_id": "x", ")" + std::string(answer) +
                              R"(": "7"}, )" + rest + "}");
      CHECK(labels.example.question == "Q");
      CHECK(labels.example.answer == "7");
      CHECK(labels.example.id == "x");
    }
  }
  SECTION("other names of answer and score") {
    for (const char* answer : {"ground_truth", "answer"})
      CHECK(one(R"({"question": "Q", ")" + std::string(answer) + R"(": 12, )" + rest + "}").example.answer == "12");
    CHECK(one(R"({"question": "Q", "gt_ans": "1", "initial_transition_metric": 1.0, )" + rest + "}").standardVerdict ==
          Verdict::right);
    CHECK(one(R"({"question": "Q", "gt_ans": "1", "evaluation_result": {"initial_score": false}, )" + rest + "}")
              .standardVerdict == Verdict::wrong);
    CHECK(one(R"({"question": "Q", "gt_ans": "1", )" + rest + "}").standardVerdict == Verdict::undecided);
    // The list that holds the standard program says so where no score does.
    CHECK(one(R"({"question": "Q", "gt_ans": "1", "final_invalid_transitions": [[0, 1, 2, 3]]})").standardVerdict ==
          Verdict::wrong);
  }
  SECTION("MMLU-Pro questions are objects, and answers indices of options") {
    const auto labels = one(
        R"({"question": {"question": "Q", "options": ["a", "b", "c"], "category": "law"}, "gt_ans": 2, )" + rest + "}");
    CHECK(labels.example.options == Texts{"a", "b", "c"});
    CHECK(labels.example.answer == "C");
    CHECK(labels.example.subject == "law");
  }
  SECTION("a bare list, an object of samples, absent lists, equal ids") {
    CHECK(one(R"({"question": "Q", "gt_ans": "1"})").example.id == "merged_mcts_samples/0");
    const auto file =
        imported(R"({"a": {"question": "Q", "gt_ans": "1", "query_id": 3, "final_valid_transitions": [[0, 5]]},
                                   "b": {"question": "R", "gt_ans": "2", "query_id": 3}})");
    REQUIRE(file.examples.size() == 2);
    CHECK(file.provenance.depth == 6);
    CHECK(file.examples[0].example.id == "3");
    CHECK(file.examples[1].example.id == "3#2");
  }
  SECTION("the level is the folder's") {
    const auto file = imported(kPlain, "", "dart-math-diff-4/merged_mcts_samples.json");
    CHECK(file.examples[0].example.level == 4);
  }
}

TEST_CASE("Dr.LLM's columns become labels") {
  const std::string text = R"({"questions": ["Q", "R", "S"], "best_response": ["4", "\\boxed{5}", 6],
    "best_path": [[0, 2], [0, 1, 1, 2], [2, 1]],
    "good_paths": [[[0, 1, 2], [0, 2]], [], [[0]]], "path_lengths": [2, 4, 2],
    "unique_layers": [2, 3, 2], "original_correct": [true, false, 0],
    "mcts_correct": [true, false, 1], "improved_cases": [2]})";
  for (const char* format : {"", "--format drllm"}) {
    const LabelFile file = imported(text, format);
    REQUIRE(file.examples.size() == 3);
    CHECK(file.provenance.depth == 3);
    CHECK(programs(file.examples[0], Verdict::right) == Texts{"0-2", "0,2"});
    CHECK(file.examples[0].standardVerdict == Verdict::right);
    CHECK(programs(file.examples[1], Verdict::wrong) == Texts{"0-1,1-2"});
    CHECK(file.examples[1].example.answer == "5");
    CHECK(file.examples[1].standardVerdict == Verdict::wrong);
    CHECK(programs(file.examples[2], Verdict::right) == Texts{"0", "2,1"});
    CHECK(file.examples[2].example.answer == "6");
  }
  CHECK(has(refused(R"({"questions": ["Q", "R"], "best_response": ["1"], "good_paths": [[], []]})"),
            "best_response: found 1 entries"));
  CHECK(has(refused(R"({"questions": ["Q"], "best_response": ["1"], "best_path": [[0]]})"), "good_paths"));
  CHECK(has(refused(R"({"questions": ["Q"], "best_response": ["1"], "good_paths": [[[0, -1]]]})"),
            "sample 0: good_paths[0][1]: found layer -1"));
}

TEST_CASE("bad files are refused by one line that names sample and index") {
  const auto sample = [](const std::string& fields) {
    return R"([{"question": "P", "gt_ans": "0"}, {"question": "Q", "gt_ans": "1", )" + fields + "}]";
  };
  CHECK(has(refused(sample(R"("final_valid_transitions": [[0, 1], [0, 4]])"), 4),
            "sample 1: final_valid_transitions[1][1]: found layer 4"));
  CHECK(has(refused(sample(R"("final_invalid_transitions": [[0], [-3]])")),
            "sample 1: final_invalid_transitions[1][0]: found layer -3"));
  CHECK(has(refused(sample(R"("final_valid_transitions": [[0, 1.5]])")), "final_valid_transitions[0][1]"));
  CHECK(has(refused(sample(R"("final_valid_transitions": [[0, 70000]])")), "layer 70000"));
  CHECK(
      has(refused(sample(R"("final_valid_transitions": [[0, 18446744073709551615]])")), "layer 18446744073709551615"));
  CHECK(has(refused(sample(R"("final_valid_transitions": [7])")), "final_valid_transitions[0]: found 7"));
  CHECK(has(refused(sample(R"("final_valid_transitions": {"a": 1})")), "final_valid_transitions: found an object"));
  CHECK(has(refused(sample(R"("final_valid_transitions": [[0]], "final_invalid_transitions": [[1], [0]])")),
            "sample 1: final_invalid_transitions[1]: found a program that is also at final_valid_transitions[0]"));
  CHECK(has(refused(sample(R"("initial_score": 2)")), "initial_score: found 2"));
  CHECK(has(refused(sample(R"("query_id": 3, "query_id": 4)")), "the key 'query_id' twice"));
  CHECK(has(refused(R"([{"gt_ans": "1"}])"), "sample 0: question"));
  CHECK(has(refused(R"([{"question": "Q"}])"), "sample 0: gt_ans"));
  CHECK(has(refused(R"([{"question": {"question": "Q", "options": ["a"]}, "gt_ans": 1}])"), "option 1"));
  CHECK(has(refused(R"({"x": 3})"), "sample 'x'"));
  CHECK(has(refused("[]"), "no sample"));
  CHECK(has(refused("3"), "found 3"));
  CHECK(has(refused(""), "no JSON"));
  CHECK(has(refused(std::string(kPlain).substr(0, 300)), "no JSON from byte"));
  CHECK(has(refused(R"([{"question": "Q", "gt_ans": "1"}])"), "--depth"));
  const std::string packed = gzip(kPlain);
  CHECK(has(refused(packed.substr(0, packed.size() - 9)), "ends too early"));
  std::string damaged = packed;
  damaged[packed.size() / 2] = static_cast<char>(damaged[packed.size() / 2] ^ 0x55);
  CHECK(has(refused(damaged), "gzip"));
  refused(packed + "rest");
}

TEST_CASE("a refused import writes nothing and exits with 2") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "a.json", output = folder.path() / "labels.h5";
  spill(file, kPlain);
  const auto result = polarCommand("import " + file.string() + " -o " + output.string() + " --depth 3");
  CHECK(result.status == 2);
  CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
  CHECK(has(result.err, "a.json: sample 0: final_valid_transitions[0][3]: found layer 3"));
  CHECK_FALSE(fs::exists(output));
  CHECK(polarCommand("import no/such.json -o " + output.string()).status == 2);
  CHECK(polarCommand("import " + file.string() + " -o " + output.string() + " --format csv").status == 2);
}

TEST_CASE("gzip's own command reads what we pack, and we what it packs") {
  const TemporaryFolder folder;
  std::string text;
  Random random(3);
  for (int i = 0; i < 400000; ++i) text += static_cast<char>('a' + random.below(6));
  CHECK(gunzip(gzip(text), "t") == text);
  CHECK(gunzip(gzip("") + gzip(text) + gzip("b"), "t") == text + "b");
  CHECK(gzip(text) == gzip(text));
  spill(folder.path() / "a.gz", gzip(text));
  REQUIRE(std::system(
              ("gzip -dc " + (folder.path() / "a.gz").string() + " > " + (folder.path() / "a").string()).c_str()) == 0);
  CHECK(slurp(folder.path() / "a") == text);
  REQUIRE(std::system(
              ("gzip -9 " + (folder.path() / "a").string() + " -c > " + (folder.path() / "b.gz").string()).c_str()) ==
          0);
  CHECK(gunzip(slurp(folder.path() / "b.gz"), "b") == text);
  CHECK_THROWS_AS(gunzip(gzip(text), "t", 1000), InputError);
}

TEST_CASE("export and import keep every program and verdict of a search") {
  const TemporaryFolder folder;
  const auto search = polarCommand("search configs/quickstart.yaml results_dir=" + folder.path().string() +
                                   " data.train.limit=10 search.oracle_test=false search.budget=60 search.samples=2");
  INFO(search.err);
  REQUIRE(search.status == 0);
  LabelFile before = readLabels(folder.path() / "quickstart/labels.h5");
  before.examples[2].programs[5].evaluation.verdict = Verdict::undecided;
  before.examples[3].standardVerdict = Verdict::undecided;
  before.examples[3].programs[0].evaluation.verdict = Verdict::undecided;
  before.examples[4].example.options = {"one", "two"};
  before.examples[4].example.answer = "B";
  const std::string labels = (folder.path() / "before.h5").string();
  writeLabels(labels, before);

  for (const char* name : {"merged_mcts_samples.json", "merged_mcts_samples.json.gz"}) {
    const std::string json = (folder.path() / name).string(), back = json + ".h5";
    const auto exported = polarCommand("export " + labels + " --output " + json);
    INFO(exported.err);
    REQUIRE(exported.status == 0);
    CHECK(has(exported.err, "left out 20 temperature samples"));
    CHECK(isGzip(slurp(json)) == (json.ends_with(".gz")));
    const std::string bytes = slurp(json);
    CHECK(polarCommand("export " + labels + " --output " + json).status == 2);
    CHECK(slurp(json) == bytes);
    REQUIRE(polarCommand("import " + json + " --output " + back).status == 0);
    CHECK(polarCommand("import " + json + " --output " + back).status == 2);
    const LabelFile after = readLabels(back);
    REQUIRE(after.examples.size() == before.examples.size());
    CHECK(after.provenance.depth == before.provenance.depth);
    for (std::size_t i = 0; i < before.examples.size(); ++i) {
      ExampleLabels own = before.examples[i];
      std::erase_if(own.programs, [](const LabelledProgram& each) { return each.origin == "sample"; });
      const ExampleLabels& other = after.examples[i];
      INFO(own.example.id);
      CHECK(other.example.id == own.example.id);
      CHECK(other.example.question == own.example.question);
      CHECK(other.example.answer == own.example.answer);
      CHECK(other.example.level == own.example.level);
      CHECK(other.example.options == own.example.options);
      CHECK(other.standardVerdict == own.standardVerdict);
      CHECK(other.programs.size() == own.programs.size());
      for (const Verdict verdict : {Verdict::right, Verdict::wrong, Verdict::undecided})
        CHECK(programs(other, verdict) == programs(own, verdict));
    }
  }

  const Json whole = Json::parse(slurp(folder.path() / "merged_mcts_samples.json"));
  CHECK(whole["samples"].size() == 10);
  CHECK(whole["samples"][4]["gt_ans"] == 1);
  CHECK(whole["samples"][4]["question"]["options"].size() == 2);
  CHECK(whole["samples"][2]["undecided_transitions"].size() == 1);
}

TEST_CASE("export --parseable-by polar keeps the programs that PoLar's loader parses, and no others") {
  const TemporaryFolder folder;
  // By hand, depth 12: skip and double 1-4 layers parse; three passes, two layers swapped, a run of 5 doubled do not.
  const Texts kept{"0-11", "0-3,8-11", "0-3,0-11", "0-5,5,7-11", "", "5-11"},
      dropped{"0-4,4,4-11", "1,0,2-11", "0-4,0-11", "0-6,3-6,3-11"};
  LabelFile file;
  file.provenance.depth = 12;
  ExampleLabels labels;
  labels.example.id = "a";
  labels.example.question = "Q";
  labels.example.answer = "1";
  for (const Texts* list : {&kept, &dropped})
    for (const std::string& text : *list) {
      LabelledProgram labelled;
      labelled.program = Program::parse(text, 12);
      labelled.evaluation.verdict = Verdict::right;
      labels.programs.push_back(labelled);
    }
  file.examples = {labels};
  writeLabels(folder.path() / "l.h5", file);
  const std::string json = (folder.path() / "j.json").string();
  const auto result =
      polarCommand("export " + (folder.path() / "l.h5").string() + " --output " + json + " --parseable-by polar");
  INFO(result.err);
  REQUIRE(result.status == 0);
  CHECK(has(result.err, "left out 4 of 10 programs"));
  Texts found;
  const Json written = Json::parse(slurp(json));
  for (const auto& layers : written["samples"][0]["final_valid_transitions"])
    found.push_back(Program(layers.get<std::vector<LayerIndex>>()).text());
  CHECK(found == kept);
  CHECK(polarCommand("export " + (folder.path() / "l.h5").string() + " --output " + json + "2 --parseable-by drllm")
            .status == 2);
  CHECK(has(polarCommand("export " + (folder.path() / "l.h5").string() + " --output " + json + "2 --level 3").err,
            "no example"));
}
