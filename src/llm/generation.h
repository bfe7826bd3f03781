// What every executor does with a request: check it, take rows of logits one by one until the answer is
// determined, count. One implementation, so that executors can differ only in how they compute the rows.
#pragma once

#include <ATen/core/TensorBody.h>

#include <cstdint>

#include "llm/executor.h"
#include "llm/token_choice.h"

namespace polar {

// Throws InputError where the prompt is empty or too long, or an id or layer is not the model's; std::logic_error where
// the start is not this prompt's.
void checkRequest(const LanguageModel& model, const DecodingOptions& options, const ExecutionRequest& request);

// Tokens of the one pass that scores prompt and answer: the answer's last token is predicted, never fed.
inline std::int64_t scoredTokens(const ExecutionRequest& request) {
  return static_cast<std::int64_t>(request.prompt.size() + (request.answer.empty() ? 0 : request.answer.size() - 1));
}

// Layer executions × tokens that the plain way runs for a finished request: scoring the answer too, which its Execution
// leaves out.
inline std::int64_t askedLayerTokens(const ExecutionRequest& request, const Execution& execution) {
  return request.program->executed() * scoredTokens(request) + execution.decodeLayerTokens;
}

// One request's generated tokens so far.
class Generation {
 public:
  Generation(const DecodingOptions& options, const ExecutionRequest& request);

  // `row`: logits after the last token. Chooses the next one; true = no further row is needed.
  bool take(const at::Tensor& row);
  std::int32_t lastToken() const { return result_.tokens.back(); }
  // The finished execution. Layer-tokens are those of answering by the plain way, whatever was shared, and without the
  // reference answer's tokens, which no new question has: a stored count must not depend on the executor.
  Execution finish(std::optional<float> answerLogprob);

 private:
  TokenChoice choose(const at::Tensor& row);

  const DecodingOptions* options_;
  const ExecutionRequest* request_;
  TokenChooser chooser_;
  Execution result_;
  std::int64_t rows_ = 0;
};

}  // namespace polar
