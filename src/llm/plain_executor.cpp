#include <ATen/ATen.h>

#include <algorithm>
#include <atomic>

#include "llm/executor.h"
#include "llm/generation.h"
#include "llm/language_model.h"

namespace polar {
namespace {

// One program at work on one prompt: a slot for each of its positions.
class Run {
 public:
  Run(const LanguageModel& model, const Program& program, int capacity) : model_(model), program_(program) {
    for (int i = 0; i < program.executed(); ++i) slots_.push_back(model.makeSlot(capacity));
  }

  // Hidden states [T, width] of the next tokens, behind the last layer of the program.
  at::Tensor advance(std::span<const std::int32_t> tokens) {
    at::Tensor hidden = model_.embed(tokens);
    for (std::size_t i = 0; i < slots_.size(); ++i)
      hidden = model_.layer(program_.layers()[i]).forward(hidden, slots_[i]);
    return hidden;
  }

  // Forgets every token behind the first `length`.
  void rewind(int length) {
    for (KvSlot& slot : slots_) slot.truncate(length);
  }

 private:
  const LanguageModel& model_;
  const Program& program_;
  std::vector<KvSlot> slots_;
};

class PlainExecutor final : public ProgramExecutor {
 public:
  PlainExecutor(std::shared_ptr<const LanguageModel> model, DecodingOptions options)
      : model_(std::move(model)), options_(std::move(options)) {}

  std::vector<Execution> execute(std::span<const ExecutionRequest> requests) const override {
    const at::InferenceMode inference;
    useOneThread();
    std::vector<Execution> executions;
    for (const ExecutionRequest& request : requests) {
      executions.push_back(execute(request));
      layerTokens_ += executions.back().prefillLayerTokens + executions.back().decodeLayerTokens;
    }
    return executions;
  }

  ExecutorWork work() const override {
    ExecutorWork work;
    work.asked = work.computed = layerTokens_;
    return work;
  }

 private:
  Execution execute(const ExecutionRequest& request) const {
    checkRequest(*model_, options_, request);
    const int promptLength = static_cast<int>(request.prompt.size());
    Run run(*model_, *request.program,
            promptLength + std::max(options_.maxNewTokens, static_cast<int>(request.answer.size())));
    at::Tensor row = model_->logits(run.advance(request.prompt).slice(0, promptLength - 1));
    std::optional<float> answerLogprob;
    if (!request.answer.empty()) {
      answerLogprob = score(run, row, request.answer);
      run.rewind(promptLength);
    }
    Generation generation(options_, request);
    while (!generation.take(row)) {
      const std::int32_t token = generation.lastToken();
      row = model_->logits(run.advance({&token, 1}));
    }
    return generation.finish(answerLogprob);
  }

  // Σ log p of the answer's tokens: the first from the prompt's last row, the rest teacher-forced in one pass.
  float score(Run& run, const at::Tensor& last, std::span<const std::int32_t> answer) const {
    double sum = logProbability(last[0], answer[0]);
    if (answer.size() > 1) {
      const at::Tensor rows = model_->logits(run.advance(answer.first(answer.size() - 1)));
      for (std::size_t i = 1; i < answer.size(); ++i)
        sum += logProbability(rows[static_cast<std::int64_t>(i) - 1], answer[i]);
    }
    return static_cast<float>(sum);
  }

  std::shared_ptr<const LanguageModel> model_;
  DecodingOptions options_;
  mutable std::atomic<std::int64_t> layerTokens_ = 0;
};

}  // namespace

std::unique_ptr<ProgramExecutor> makePlainExecutor(std::shared_ptr<const LanguageModel> model, DecodingOptions options) {
  return std::make_unique<PlainExecutor>(std::move(model), std::move(options));
}

}  // namespace polar
