#include <ATen/ATen.h>

#include <algorithm>

#include "llm/language_model.h"
#include "support/error.h"
#include "text/prompt.h"
#include "train/question_encoder.h"

namespace polar {
namespace {

class SelfEncoder final : public QuestionEncoder {
 public:
  SelfEncoder(std::shared_ptr<const LanguageModel> model, std::shared_ptr<const PromptBuilder> prompts, int layer)
      : model_(std::move(model)), prompts_(std::move(prompts)), layer_(layer) {}

  at::Tensor encode(const Example& example) const override {
    const Prompt prompt = prompts_->build(example);
    const at::Tensor states = hiddenStates(*model_, prompt.tokens, layer_);
    // At least the last token, which has seen the whole prompt.
    const auto first = std::min(static_cast<std::int64_t>(prompt.headTokens), states.size(0) - 1);
    const at::Tensor tail = states.slice(0, first).to(at::kCPU, at::kFloat);
    return scaledRows(tail);
  }

  int width() const override { return model_->config().width; }

  std::int64_t layerTokens(const Example& example) const override {
    return std::int64_t{layer_} * static_cast<std::int64_t>(prompts_->build(example).tokens.size());
  }

 private:
  std::shared_ptr<const LanguageModel> model_;
  std::shared_ptr<const PromptBuilder> prompts_;
  int layer_;
};

}  // namespace

at::Tensor scaledRows(const at::Tensor& rows) {
  return rows * at::rsqrt(rows.square().mean(-1, /*keepdim=*/true) + 1e-6);
}

std::unique_ptr<QuestionEncoder> makeSelfEncoder(std::shared_ptr<const LanguageModel> model,
                                                 std::shared_ptr<const PromptBuilder> prompts, int layer) {
  const int depth = model->depth();
  if (layer != -1 && (layer < 1 || layer > depth))
    throw InputError("train.encoder_layer", std::to_string(layer),
                     "1 to " + std::to_string(depth) + ", or -1 for the last");
  return std::make_unique<SelfEncoder>(std::move(model), std::move(prompts), layer == -1 ? depth : layer);
}

}  // namespace polar
