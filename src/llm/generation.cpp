#include "llm/generation.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

#include "llm/language_model.h"
#include "llm/prompt_start.h"
#include "support/error.h"

namespace polar {

void checkRequest(const LanguageModel& model, const DecodingOptions& options, const ExecutionRequest& request) {
  const int prompt = static_cast<int>(request.prompt.size());
  const int added = std::max(options.maxNewTokens, static_cast<int>(request.answer.size()));
  if (added >= model.maxTokens())
    throw InputError(added == options.maxNewTokens ? "prompt.max_new_tokens (--max-new)" : "the answer",
                     std::to_string(added) + " tokens",
                     "fewer than the model's " + std::to_string(model.maxTokens()) + " positions",
                     "the prompt before them needs room as well");
  if (prompt == 0 || prompt + added > model.maxTokens())
    throw InputError("prompt", std::to_string(prompt) + " tokens", "1 to " + std::to_string(model.maxTokens() - added),
                     "shorten the prompt or prompt.max_new_tokens");
  // The prompt's ids are checked where they are embedded; the answer's last is only looked up in the logits.
  for (const auto& [what, tokens] : {std::pair{"answer", request.answer}, {"choices", request.choices}})
    for (const std::int32_t token : tokens)
      if (token < 0 || token >= model.config().vocabulary)
        throw InputError(what, "token id " + std::to_string(token),
                         "ids below the model's vocabulary of " + std::to_string(model.config().vocabulary),
                         "the tokenizer does not belong to this model");
  for (const LayerIndex layer : request.program->layers())
    if (layer >= model.depth())
      throw InputError("program " + request.program->text(), "layer " + std::to_string(layer),
                       "layers below the model's depth of " + std::to_string(model.depth()));
  if (const PromptStart* start = request.start;
      start && (start->model != &model || start->headTokens != request.headTokens ||
                !std::ranges::equal(start->tokens, request.prompt)))
    throw std::logic_error("executor: a start of another model, prompt or head");
}

Generation::Generation(const DecodingOptions& options, const ExecutionRequest& request)
    : options_(&options), request_(&request), chooser_(request.temperature, request.seed) {
  result_.margin = std::numeric_limits<float>::infinity();
}

TokenChoice Generation::choose(const at::Tensor& row) {
  const auto& choices = request_->choices;
  if (choices.empty()) return chooser_(row);
  const at::Tensor among = at::tensor(at::ArrayRef<std::int32_t>(choices.data(), choices.size()), at::kInt);
  TokenChoice choice = chooser_(row.flatten().index_select(0, among.to(row.device())));
  choice.token = choices[static_cast<std::size_t>(choice.token)];
  return choice;
}

bool Generation::take(const at::Tensor& row) {
  const auto atLimit = [&] { return static_cast<int>(result_.tokens.size()) >= options_->maxNewTokens; };
  if (atLimit()) return true;
  ++rows_;
  const TokenChoice choice = choose(row);
  result_.margin = std::min(result_.margin, choice.margin);
  if (!request_->choices.empty()) {
    result_.tokens.push_back(choice.token);
    return result_.finished = true;
  }
  result_.finished = std::binary_search(options_->endOfSequence.begin(), options_->endOfSequence.end(), choice.token);
  if (result_.finished) return true;
  result_.tokens.push_back(choice.token);
  result_.finished = options_->determined && options_->determined(result_.tokens);
  return result_.finished || atLimit();
}

Execution Generation::finish(std::optional<float> answerLogprob) {
  const std::int64_t layers = request_->program->executed();
  result_.answerLogprob = answerLogprob;
  result_.prefillLayerTokens = layers * static_cast<std::int64_t>(request_->prompt.size());
  result_.decodeLayerTokens = layers * std::max<std::int64_t>(0, rows_ - 1);  // the first row is the prompt's
  return std::move(result_);
}

}  // namespace polar
