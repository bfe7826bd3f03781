#include <map>

#include "evaluation/evaluator.h"
#include "grading/grader.h"
#include "llm/executor.h"
#include "text/prompt.h"

namespace polar {
namespace {

class ModelEvaluator final : public ProgramEvaluator {
 public:
  ModelEvaluator(std::shared_ptr<const ProgramExecutor> executor, std::shared_ptr<const PromptBuilder> prompts, int depth)
      : executor_(std::move(executor)), prompts_(std::move(prompts)), depth_(depth) {}

  int depth() const override { return depth_; }

  std::vector<Evaluation> evaluate(std::span<const EvaluationTask> tasks) const override {
    struct Asked {
      Prompt prompt;
      std::vector<TokenId> answer;
    };
    std::map<const Example*, Asked> asked;  // nodes stay where they are: requests point into them
    std::vector<ExecutionRequest> requests;
    for (const EvaluationTask& task : tasks) {
      const auto [known, isNew] = asked.try_emplace(task.example);
      Asked& example = known->second;
      if (isNew) example = {prompts_->build(*task.example), prompts_->answerTokens(*task.example)};
      requests.push_back({example.prompt.tokens, example.prompt.headTokens, example.answer, &task.program,
                          task.temperature, task.seed});
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
  Evaluation judge(const EvaluationTask& task, const Execution& execution) const {
    Evaluation evaluation;
    evaluation.text = prompts_->tokenizer().decode(execution.tokens);
    const Grade grade = polar::grade(evaluation.text, task.example->answer, prompts_->promptTemplate().boxOpen());
    evaluation.verdict = grade.verdict;
    evaluation.rule = grade.rule;
    evaluation.answerLogprob = *execution.answerLogprob;
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

std::unique_ptr<ProgramEvaluator> makeModelEvaluator(std::shared_ptr<const ProgramExecutor> executor,
                                                     std::shared_ptr<const PromptBuilder> prompts, int depth) {
  return std::make_unique<ModelEvaluator>(std::move(executor), std::move(prompts), depth);
}

}  // namespace polar
