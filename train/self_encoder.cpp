#include <ATen/ATen.h>

#include "llm/language_model.h"
#include "llm/prompt_states.h"
#include "support/error.h"
#include "text/prompt.h"
#include "train/question_encoder.h"

namespace polar {
namespace {

class SelfEncoder final : public QuestionEncoder {
 public:
  SelfEncoder(std::shared_ptr<const LanguageModel> model, std::shared_ptr<const PromptBuilder> prompts, int layer)
      : model_(std::move(model)), prompts_(std::move(prompts)), layer_(layer), states_(model_) {}

  at::Tensor encode(const Example& example) const override { return encode(example, nullptr); }

  KeptReading encodeKept(const Example& example) const override {
    auto start = std::make_shared<PromptStart>();
    at::Tensor rows = encode(example, start.get());
    return {std::move(rows), std::move(start)};
  }

  int width() const override { return model_->config().width; }
  int promptLayers() const override { return layer_; }

  std::int64_t layerTokens(const Example& example) const override {
    return std::int64_t{layer_} * static_cast<std::int64_t>(prompts_->build(example).tokens.size());
  }

 private:
  at::Tensor encode(const Example& example, PromptStart* kept) const {
    const Prompt prompt = prompts_->build(example);
    at::Tensor tail;
    states_.read(prompt.tokens, prompt.headTokens, layer_, [&](int, const at::Tensor& rows) { tail = rows; }, kept);
    return scaledRows(tail.to(at::kCPU, at::kFloat));
  }

  std::shared_ptr<const LanguageModel> model_;
  std::shared_ptr<const PromptBuilder> prompts_;
  int layer_;
  PromptStates states_;
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
