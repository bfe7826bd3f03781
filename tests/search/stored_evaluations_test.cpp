// A search that takes evaluations over writes the labels that it would have written itself.
#include "search/stored_evaluations.h"

#include <atomic>

#include "catch.h"
#include "planted.h"
#include "search/oracle_search.h"
#include "support/error.h"

namespace polar {
namespace {

constexpr int kDepth = 6;

LabelFile searched(const std::vector<std::string>& ids, const std::string& strategy, const ProgramEvaluator& evaluator,
                   std::uint64_t seed = 1) {
  OracleSearchOptions options;
  options.search = {.strategy = strategy, .budget = 60, .maxEdits = 2, .samples = 2};
  options.seed = seed;
  LabelFile file;
  for (const std::string& id : ids) file.examples.push_back(searchExample(testing::example(id), evaluator, options));
  return file;
}

std::string textOf(const LabelFile& file) {
  std::string text;
  for (const ExampleLabels& labels : file.examples)
    for (const LabelledProgram& each : labels.programs)
      text += labels.example.id + " " + each.program.text() + " " + std::to_string(each.order) + " " + each.origin +
              " " + std::to_string(static_cast<int>(each.evaluation.verdict)) + " " + each.evaluation.text + "\n";
  return text;
}

}  // namespace

TEST_CASE("labels are the same whether evaluations were run or taken over") {
  std::atomic<int> runs = 0;
  const testing::PlantedEvaluator counting(kDepth, [&](const EvaluationTask& task) {
    ++runs;
    return testing::hashedVerdict(task);
  });
  const auto stored = std::make_shared<StoredEvaluations>();
  stored->add(searched({"a", "b"}, "random", counting, 7));
  stored->add(searched({"a", "b"}, "enumerate", counting));
  CHECK(stored->size() > 2 * 60);   // the two met only in part …
  CHECK(stored->size() < 2 * 120);  // … but the standard program is held once

  const ReusingEvaluator reusing(stored, counting);
  for (const char* strategy : {"random", "beam", "surrogate"}) {
    runs = 0;
    const std::string expected = textOf(searched({"a", "b", "c"}, strategy, counting));
    const int without = runs.exchange(0);
    const auto before = reusing.reused();
    CHECK(textOf(searched({"a", "b", "c"}, strategy, reusing)) == expected);
    CHECK(runs < without);
    CHECK(runs + reusing.reused() - before == without);
    CHECK(runs >= 60 + 3 * 2);  // "c" is known to none, and samples are always drawn
  }
  runs = 0;
  searched({"a", "b"}, "enumerate", reusing);
  CHECK(runs == 2 * 2);
}

TEST_CASE("a question is known by its text, answer and options, not by its id") {
  const testing::PlantedEvaluator evaluator(kDepth, testing::hashedVerdict);
  StoredEvaluations stored;
  stored.add(searched({"a"}, "enumerate", evaluator));
  const Program standard = Program::standard(kDepth);
  Example same = testing::example("a");
  same.id = "elsewhere/17";
  CHECK(stored.find(same, standard) != nullptr);
  Example otherAnswer = same, otherOptions = same;
  otherAnswer.answer = "3";
  otherOptions.options = {"2", "3"};
  CHECK(stored.find(otherAnswer, standard) == nullptr);
  CHECK(stored.find(otherOptions, standard) == nullptr);
  CHECK(stored.find(same, Program::parse("1-5", kDepth)) != nullptr);
  CHECK(stored.find(same, Program::parse("0-5,0-5,0-5", kDepth)) == nullptr);
}

TEST_CASE("evaluations of another model, prompt or arithmetic are refused by name") {
  LabelProvenance own;
  own.weightsSha256 = "w";
  own.tokenizerSha256 = "t";
  own.dtype = "fp32";
  own.device = "cpu";
  own.graderVersion = "g1";
  own.config = "model.path: a\nprompt.max_new_tokens: 8\nprompt.template: embedded\nsearch.budget: 3\n";
  LabelProvenance moved = own;
  moved.config = "model.path: b\nprompt.max_new_tokens: 8\nprompt.template: embedded\nsearch.budget: 4\n";
  CHECK_NOTHROW(requireSameEvaluations("x.h5", moved, own));

  const auto refusal = [&](auto change) {
    LabelProvenance other = own;
    change(other);
    try {
      requireSameEvaluations("x.h5", other, own);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  CHECK(refusal([](auto& p) { p.weightsSha256 = "v"; }).find("another model") != std::string::npos);
  CHECK(refusal([](auto& p) { p.tokenizerSha256 = "v"; }).find("another tokenizer") != std::string::npos);
  CHECK(refusal([](auto& p) { p.dtype = "bf16"; }).find("another dtype, bf16, expected this search's, fp32") !=
        std::string::npos);
  CHECK(refusal([](auto& p) { p.device = "cuda"; }).find("another device") != std::string::npos);
  CHECK(refusal([](auto& p) { p.graderVersion = "g2"; }).find("another grader") != std::string::npos);
  CHECK(refusal([](auto& p) {
          p.config = "prompt.max_new_tokens: 9\nprompt.template: embedded\n";
        }).find("another prompt, prompt.max_new_tokens: 9") != std::string::npos);
  CHECK(refusal([](auto& p) { p.config += "prompt.template.head: x\n"; }).find("prompt.template.head: x") !=
        std::string::npos);
  CHECK(refusal([](auto& p) {
          p.config += "model.kv: shared_slot\n";
        }).find("another model.kv, model.kv: shared_slot, expected this search's, model.kv: own_slot") !=
        std::string::npos);
  CHECK(refusal([](auto& p) { p.config += "model.kv: own_slot\n"; }) == "accepted");
}

}  // namespace polar
