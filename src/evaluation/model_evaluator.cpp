#include "evaluation/model_evaluator.h"

#include <limits>
#include <map>

#include "grading/grader.h"
#include "llm/executor.h"
#include "support/error.h"
#include "text/prompt.h"

namespace polar {
namespace {

class ModelEvaluator final : public ProgramEvaluator {
 public:
  ModelEvaluator(std::shared_ptr<const ProgramExecutor> executor, std::shared_ptr<const PromptBuilder> prompts,
                 int depth, MultipleChoice choice)
      : executor_(std::move(executor)), prompts_(std::move(prompts)), depth_(depth), choice_(choice) {}

  int depth() const override { return depth_; }

  std::vector<Evaluation> evaluate(std::span<const EvaluationTask> tasks) const override {
    std::map<const Example*, Asked> asked;  // nodes stay where they are: requests point into them
    std::vector<ExecutionRequest> requests;
    for (const EvaluationTask& task : tasks) {
      const auto [known, isNew] = asked.try_emplace(task.example);
      Asked& example = known->second;
      if (isNew) example = ask(*task.example);
      if (task.answerKnown && example.answer.empty()) example.answer = answerOf(*task.example, example.letters);
      requests.push_back({example.prompt.tokens, example.prompt.headTokens,
                          task.answerKnown ? std::span<const TokenId>(example.answer) : std::span<const TokenId>(),
                          &task.program, task.temperature, task.seed, example.letters, task.start});
    }
    std::vector<Execution> executions = executor_->execute(requests);
    std::vector<Evaluation> evaluations;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      evaluations.push_back(judge(tasks[i], executions[i]));
      evaluations.back().tokens = std::move(executions[i].tokens);
    }
    return evaluations;
  }

 private:
  struct Asked {
    Prompt prompt;
    std::vector<TokenId> answer;   // empty until a task needs it
    std::vector<TokenId> letters;  // of a question answered by likelihood
  };

  bool byLikelihood(const Example& example) const {
    return choice_ == MultipleChoice::letterLikelihood && !example.options.empty();
  }

  Asked ask(const Example& example) const {
    Asked asked{prompts_->build(example), {}, {}};
    if (byLikelihood(example)) asked.letters = prompts_->letterTokens(example, asked.prompt);
    return asked;
  }

  // Never empty. `letters`: the tokens of the options' letters, where one of them is the answer.
  std::vector<TokenId> answerOf(const Example& example, const std::vector<TokenId>& letters) const {
    if (!byLikelihood(example)) return prompts_->answerTokens(example);
    const std::size_t reference = example.answer.size() == 1 ? static_cast<std::size_t>(example.answer[0] - 'A') : 26;
    if (reference >= letters.size())
      throw InputError(example.id, "the answer '" + example.answer + "'",
                       "the letter of one of its " + std::to_string(letters.size()) + " options");
    return {letters[reference]};
  }

  Grade gradeText(const Example& example, const std::string& text) const {
    if (!byLikelihood(example)) return grade(text, example.answer, prompts_->promptTemplate().boxOpen());
    Grade letter = gradeAnswer(text, example.answer);
    letter.rule = "likelihood/" + letter.rule;
    return letter;
  }

  Evaluation judge(const EvaluationTask& task, const Execution& execution) const {
    Evaluation evaluation;
    evaluation.text = prompts_->tokenizer().decode(execution.tokens);
    if (byLikelihood(*task.example)) std::erase(evaluation.text, ' ');  // " B" is B's token after "Answer:"
    const Grade grade = gradeText(*task.example, evaluation.text);
    evaluation.verdict = grade.verdict;
    evaluation.rule = grade.rule;
    evaluation.answerLogprob = execution.answerLogprob.value_or(std::numeric_limits<float>::quiet_NaN());
    evaluation.margin = execution.margin;
    evaluation.executed = task.program.executed();
    evaluation.unique = task.program.unique();
    evaluation.prefillLayerTokens = execution.prefillLayerTokens;
    evaluation.decodeLayerTokens = execution.decodeLayerTokens;
    return evaluation;
  }

  std::shared_ptr<const ProgramExecutor> executor_;
  std::shared_ptr<const PromptBuilder> prompts_;
  int depth_;
  MultipleChoice choice_;
};

}  // namespace

DecodingOptions decodingOptions(const PromptBuilder& prompts, int maxNewTokens) {
  DecodingOptions options;
  options.maxNewTokens = maxNewTokens;
  options.endOfSequence = prompts.tokenizer().endOfSequence();
  // Copies, so that the options may outlive the builder's caller; the tokenizer is kept alive by the builder.
  const bool boxOpen = prompts.promptTemplate().boxOpen();
  const std::string stop = prompts.promptTemplate().stop;
  const Tokenizer* tokenizer = &prompts.tokenizer();
  options.determined = [boxOpen, stop, tokenizer](std::span<const std::int32_t> tokens) {
    const std::string text = tokenizer->decode(tokens);
    return answerEnd(text, boxOpen) != std::string::npos || (!stop.empty() && text.find(stop) != std::string::npos);
  };
  return options;
}

MultipleChoice multipleChoice(const std::string& name) {
  if (name == "generate") return MultipleChoice::generate;
  if (name == "letter_likelihood") return MultipleChoice::letterLikelihood;
  throw InputError("prompt.multiple_choice", "'" + name + "'", "generate or letter_likelihood");
}

std::unique_ptr<ProgramEvaluator> makeModelEvaluator(std::shared_ptr<const ProgramExecutor> executor,
                                                     std::shared_ptr<const PromptBuilder> prompts, int depth,
                                                     MultipleChoice choice) {
  return std::make_unique<ModelEvaluator>(std::move(executor), std::move(prompts), depth, choice);
}

}  // namespace polar
