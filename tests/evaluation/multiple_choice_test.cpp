// Options chosen by the likelihood of their letters, against HF transformers (make_multiple_choice.py).
#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#undef CHECK
#include <cmath>
#include <nlohmann/json.hpp>

#include "catch.h"
#include "evaluation/model_evaluator.h"
#include "llm/executor.h"
#include "llm/language_model.h"
#include "support/error.h"
#include "text/prompt.h"

using namespace polar;
using Json = nlohmann::json;

namespace {

struct Bench {
  std::shared_ptr<const LanguageModel> model = LanguageModel::load(testing::embeddedModel());
  std::shared_ptr<const Tokenizer> tokenizer = loadTokenizer(testing::embeddedModel());

  std::unique_ptr<ProgramEvaluator> evaluator(const std::string& body, const std::string& open,
                                              const std::string& executor = "plain",
                                              MultipleChoice choice = MultipleChoice::letterLikelihood) const {
    at::set_num_threads(1);
    const PromptTemplate format{.name = "test", .head = "", .body = body, .open = open};
    auto prompts = std::make_shared<PromptBuilder>(format, tokenizer);
    auto run = makeExecutor(executor, model, decodingOptions(*prompts, 8));
    return makeModelEvaluator(std::move(run), prompts, model->depth(), choice);
  }
  // The two ends of the script's prompts.
  std::unique_ptr<ProgramEvaluator> evaluatorOf(const std::string& end, const std::string& executor) const {
    return end == "boxed" ? evaluator("Question: {question}\nAnswer: ", "\\boxed{", executor)
                          : evaluator("Question: {question}\nAnswer:\n", "", executor);
  }
};

Example exampleOf(const Json& expected) {
  Example example;
  example.id = "own/1";
  example.question = expected.at("question");
  example.options = expected.at("options").get<std::vector<std::string>>();
  example.answer = expected.at("answer");
  return example;
}

std::string refusal(const ProgramEvaluator& evaluator, const Example& example) {
  const EvaluationTask task{&example, Program::standard(evaluator.depth())};
  try {
    evaluator.evaluate({&task, 1});
    return "";
  } catch (const InputError& error) {
    return error.what();
  }
}

// The same question, to be generated and to be chosen.
std::pair<Example, Example> openAndChoice() {
  Example open, choice;
  open.id = "own/open";
  open.question = choice.question = "Tom has 3 apples. He buys 4 more. How many apples does Tom have?";
  open.answer = "7";
  choice.id = "own/choice";
  choice.options = {"1", "7", "12"};
  choice.answer = "B";
  return {open, choice};
}

}  // namespace

TEST_CASE("the likeliest letter is HF's, by one pass over the prompt", "[evaluation]") {
  const Bench bench;
  const Json cases = Json::parse(testing::slurp(testing::fixture("evaluation/multiple_choice.json"))).at("cases");
  REQUIRE(cases.size() >= 20);
  int right = 0;
  for (const std::string end : {"boxed", "line"}) {
    const auto plain = bench.evaluatorOf(end, "plain"), shared = bench.evaluatorOf(end, "shared");
    for (const Json& expected : cases) {
      if (expected.at("end") != end) continue;
      const Example example = exampleOf(expected);
      const EvaluationTask task{&example, Program(expected.at("program").get<std::vector<LayerIndex>>())};
      const Evaluation found = plain->evaluate({&task, 1}).at(0), again = shared->evaluate({&task, 1}).at(0);
      CAPTURE(end, example.question, task.program.text());
      const auto logs = expected.at("logprobs").get<std::vector<double>>();
      const auto best = std::max_element(logs.begin(), logs.end()) - logs.begin();
      CHECK(found.text == std::string(1, static_cast<char>('A' + best)));
      CHECK(found.right() == (found.text == example.answer));
      CHECK(found.verdict != Verdict::undecided);
      CHECK(found.rule == "likelihood/letter");
      CHECK(std::abs(found.answerLogprob - logs.at(static_cast<std::size_t>(example.answer[0] - 'A'))) <= 1e-3);
      if (!expected.at("margin").is_null()) CHECK(std::abs(found.margin - expected.at("margin").get<double>()) <= 4e-4);
      CHECK(found.decodeLayerTokens == 0);
      CHECK(found.prefillLayerTokens % task.program.executed() == 0);
      CHECK(again.text == found.text);
      CHECK(again.answerLogprob == found.answerLogprob);
      CHECK(again.margin == found.margin);
      CHECK(again.prefillLayerTokens == found.prefillLayerTokens);
      right += found.right() ? 1 : 0;
    }
  }
  CHECK(right > 0);
  CHECK(right < static_cast<int>(cases.size()));
}

TEST_CASE("questions without options are generated as ever, in the same call", "[evaluation]") {
  const Bench bench;
  const auto [open, choice] = openAndChoice();
  const Program standard = Program::standard(12);
  const std::vector<EvaluationTask> tasks{{&open, standard}, {&choice, standard}};
  const std::string body = "Question: {question}\nAnswer: ", box = "\\boxed{";
  const auto generated = bench.evaluator(body, box, "shared", MultipleChoice::generate)->evaluate(tasks);
  const auto chosen = bench.evaluator(body, box, "shared")->evaluate(tasks);
  CHECK(chosen[0].text == generated[0].text);
  CHECK(chosen[0].answerLogprob == generated[0].answerLogprob);
  CHECK(chosen[0].rule.find("likelihood") == std::string::npos);
  CHECK(generated[1].rule.find("likelihood") == std::string::npos);
  CHECK(chosen[1].rule == "likelihood/letter");
}

TEST_CASE("options whose letters cannot be scored are refused by name", "[evaluation]") {
  const Bench bench;
  Example example;
  example.id = "own/2";
  example.question = "Which?";
  example.options = {"one", "two"};
  const auto evaluator = bench.evaluator("{question}\nAnswer: ", "\\boxed{");
  for (const std::string answer : {"C", "2", "", "AB", "b"}) {
    example.answer = answer;
    CAPTURE(answer);
    CHECK(refusal(*evaluator, example)
              .find("own/2: found the answer '" + answer +
                    "', expected the letter of one of "
                    "its 2 options") == 0);
  }
  // This tokenizer has no token for a blank and B.
  example.answer = "A";
  CHECK(refusal(*bench.evaluator("{question}\nAnswer:", ""), example).find("the letter B is not one token") !=
        std::string::npos);
  CHECK(refusal(*evaluator, example).empty());
  CHECK_THROWS_AS(multipleChoice("letters"), InputError);
}

TEST_CASE("where the answer is not known, nothing is drafted or scored, and the verdict is the same", "[evaluation]") {
  const Bench bench;
  auto [open, choice] = openAndChoice();
  for (const std::string executor : {"plain", "shared"}) {
    const auto evaluator = bench.evaluator("Question: {question}\nAnswer: ", "\\boxed{", executor);
    for (const Example* example : {&open, &choice}) {
      CAPTURE(executor, example->id);
      std::vector<EvaluationTask> tasks;  // in one call, so that the executor may share what it can
      for (const bool known : {false, true})
        for (const char* program : {"0-11", "0-5,7-11"})
          tasks.push_back({example, Program::parse(program, 12), 0, 0, known});
      const auto evaluations = evaluator->evaluate(tasks);
      for (std::size_t i = 0; i < 2; ++i) {
        const Evaluation &unknown = evaluations[i], &known = evaluations[i + 2];
        CHECK(unknown.text == known.text);
        CHECK(unknown.verdict == known.verdict);
        CHECK(unknown.rule == known.rule);
        CHECK(unknown.margin == known.margin);
        CHECK(std::isnan(unknown.answerLogprob));
        CHECK(std::isfinite(known.answerLogprob));
        CHECK(unknown.decodeLayerTokens == known.decodeLayerTokens);
        CHECK(unknown.prefillLayerTokens <= known.prefillLayerTokens);
      }
    }
    // A reference that is no option's letter cannot be scored; without scoring, the question may still be answered.
    choice.answer = "(not known)";
    const EvaluationTask asked{&choice, Program::standard(12), 0, 0, /*answerKnown=*/false};
    CHECK(evaluator->evaluate({&asked, 1}).front().verdict == Verdict::wrong);
    CHECK(refusal(*evaluator, choice).find("own/choice: found the answer '(not known)'") == 0);
    choice.answer = "B";
  }
}

TEST_CASE("without the answer the shared executor drafts nothing", "[evaluation]") {
  at::set_num_threads(1);
  const Bench bench;
  const PromptTemplate format{.name = "test", .head = "", .body = "Question: {question}\nAnswer: "};
  const auto prompts = std::make_shared<PromptBuilder>(format, bench.tokenizer);
  const std::shared_ptr<const ProgramExecutor> executor =
      makeExecutor("shared", bench.model, decodingOptions(*prompts, 8));
  const auto evaluator = makeModelEvaluator(executor, prompts, 12);
  Example example;
  example.id = "own/open";
  example.question = "Tom has 3 apples. He buys 4 more. How many apples does Tom have?";
  example.answer = "7";
  EvaluationTask task{&example, Program::standard(12), 0, 0, /*answerKnown=*/false};
  example.answer = evaluator->evaluate({&task, 1}).front().text;  // what it says, so that a draft would be taken
  example.answer.pop_back();                                      // without the brace
  evaluator->evaluate({&task, 1});
  CHECK(executor->work().byDraft == 0);
  task.answerKnown = true;
  CHECK(evaluator->evaluate({&task, 1}).front().right());
  CHECK(executor->work().byDraft > 0);
}
