#include <ATen/ATen.h>

#include <algorithm>
#include <atomic>
#include <map>

#include "llm/executor.h"
#include "llm/generation.h"
#include "llm/language_model.h"

namespace polar {
namespace {

// One program at work on one prompt: a slot for each of its positions, or for each of its layers.
class Run {
 public:
  Run(const LanguageModel& model, const Program& program, int capacity, KvSlots kv)
      : model_(model), program_(program), kv_(kv) {
    std::map<LayerIndex, std::size_t> slotOfLayer;
    for (const LayerIndex layer : program.layers()) {
      std::size_t& slot = slotOfLayer.try_emplace(layer, passes_.size()).first->second;
      if (kv == KvSlots::own) slot = passes_.size();
      if (slot == passes_.size()) passes_.push_back(0);
      ++passes_[slot];
      slotOf_.push_back(slot);
    }
    for (const int passes : passes_) slots_.push_back(model.makeSlot(capacity * passes));
  }

  // Hidden states [T, width] of the next tokens, after the last layer of the program.
  at::Tensor advance(std::span<const std::int32_t> tokens) {
    at::Tensor hidden = model_.embed(tokens);
    for (std::size_t i = 0; i < slotOf_.size(); ++i) {
      KvSlot& slot = slots_[slotOf_[i]];
      slot.standAt(length_);
      hidden = model_.layer(program_.layers()[i]).forward(hidden, slot);
    }
    length_ += static_cast<int>(tokens.size());
    return hidden;
  }

  // The same for tokens after the prompt, of which each is to see what it would see if it had been decoded:
  // in one pass, but one by one where a pass of several would see other keys (KvSlots::shared).
  at::Tensor follow(std::span<const std::int32_t> tokens) {
    if (kv_ == KvSlots::own) return advance(tokens);
    std::vector<at::Tensor> rows;
    for (const std::int32_t& token : tokens) rows.push_back(advance({&token, 1}));
    return at::cat(rows);
  }

  // Forgets every token after the first `length`.
  void rewind(int length) {
    for (std::size_t i = 0; i < slots_.size(); ++i) slots_[i].truncate(length * passes_[i]);
    length_ = length;
  }

 private:
  const LanguageModel& model_;
  const Program& program_;
  KvSlots kv_;
  std::vector<KvSlot> slots_;
  std::vector<int> passes_;          // of each slot: positions of the program that write to it
  std::vector<std::size_t> slotOf_;  // of each position of the program
  int length_ = 0;                   // tokens so far
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
      layerTokens_ += askedLayerTokens(request, executions.back());
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
            promptLength + std::max(options_.maxNewTokens, static_cast<int>(request.answer.size())), options_.kv);
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
      const at::Tensor rows = model_->logits(run.follow(answer.first(answer.size() - 1)));
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

std::unique_ptr<ProgramExecutor> makePlainExecutor(std::shared_ptr<const LanguageModel> model,
                                                   DecodingOptions options) {
  return std::make_unique<PlainExecutor>(std::move(model), std::move(options));
}

}  // namespace polar
