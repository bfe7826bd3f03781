#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "llm/executor.h"
#include "llm/language_model.h"
#include "llm/token_choice.h"
#include "support/error.h"

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
    std::vector<Execution> executions;
    for (const ExecutionRequest& request : requests) executions.push_back(execute(request));
    return executions;
  }

 private:
  Execution execute(const ExecutionRequest& request) const {
    const int promptLength = static_cast<int>(request.prompt.size());
    const int longest = promptLength + std::max(options_.maxNewTokens, static_cast<int>(request.answer.size()));
    if (promptLength == 0 || longest > model_->maxTokens())
      throw InputError("prompt", std::to_string(promptLength) + " tokens",
                       "1 to " + std::to_string(model_->maxTokens() - longest + promptLength),
                       "shorten the prompt or prompt.max_new_tokens");
    checkIds(request);
    Execution result;
    const int layers = request.program->executed();
    Run run(*model_, *request.program, longest);
    const at::Tensor last = model_->logits(run.advance(request.prompt).slice(0, promptLength - 1));
    result.prefillLayerTokens = static_cast<std::int64_t>(layers) * promptLength;
    if (!request.answer.empty()) {
      result.answerLogprob = score(run, last, request.answer);
      result.prefillLayerTokens += static_cast<std::int64_t>(layers) * (static_cast<std::int64_t>(request.answer.size()) - 1);
      run.rewind(promptLength);
    }
    generate(run, last, request, result);
    return result;
  }

  // The prompt's ids are checked where they are embedded; the answer's last is only looked up in the logits.
  void checkIds(const ExecutionRequest& request) const {
    for (const std::int32_t token : request.answer)
      if (token < 0 || token >= model_->config().vocabulary)
        throw InputError("answer", "token id " + std::to_string(token),
                         "ids below the model's vocabulary of " + std::to_string(model_->config().vocabulary),
                         "the tokenizer does not belong to this model");
    for (const LayerIndex layer : request.program->layers())
      if (layer >= model_->depth())
        throw InputError("program " + request.program->text(), "layer " + std::to_string(layer),
                         "layers below the model's depth of " + std::to_string(model_->depth()));
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

  void generate(Run& run, at::Tensor row, const ExecutionRequest& request, Execution& result) const {
    TokenChooser choose(request.temperature, request.seed);
    result.margin = std::numeric_limits<float>::infinity();
    while (static_cast<int>(result.tokens.size()) < options_.maxNewTokens) {
      const TokenChoice choice = choose(row);
      result.margin = std::min(result.margin, choice.margin);
      if (std::binary_search(options_.endOfSequence.begin(), options_.endOfSequence.end(), choice.token)) {
        result.finished = true;
        return;
      }
      result.tokens.push_back(choice.token);
      if (options_.determined && options_.determined(result.tokens)) {
        result.finished = true;
        return;
      }
      if (static_cast<int>(result.tokens.size()) == options_.maxNewTokens) return;
      row = model_->logits(run.advance(std::span(&choice.token, 1)));
      result.decodeLayerTokens += request.program->executed();
    }
  }

  std::shared_ptr<const LanguageModel> model_;
  DecodingOptions options_;
};

}  // namespace

std::unique_ptr<ProgramExecutor> makePlainExecutor(std::shared_ptr<const LanguageModel> model, DecodingOptions options) {
  return std::make_unique<PlainExecutor>(std::move(model), std::move(options));
}

}  // namespace polar
