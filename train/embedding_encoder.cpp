#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "llm/language_model.h"
#include "support/error.h"
#include "text/tokenizer.h"
#include "train/question_encoder.h"

namespace polar {
namespace {

class EmbeddingEncoder final : public QuestionEncoder {
 public:
  EmbeddingEncoder(std::shared_ptr<const LanguageModel> model, std::shared_ptr<const Tokenizer> tokenizer)
      : model_(std::move(model)), tokenizer_(std::move(tokenizer)) {}

  at::Tensor encode(const Example& example) const override {
    const at::NoGradGuard noGrad;
    const at::Tensor states = hiddenStates(*model_, tokens(example), model_->depth());
    return model_->normed(states.to(at::Device(model_->options().device))).to(at::kCPU, at::kFloat);
  }
  int width() const override { return model_->config().width; }
  std::int64_t layerTokens(const Example& example) const override {
    return std::int64_t{model_->depth()} * static_cast<std::int64_t>(tokens(example).size());
  }

 private:
  std::vector<TokenId> tokens(const Example& example) const {
    std::vector<TokenId> ids = tokenizer_->encode(example.question);
    if (ids.empty()) throw InputError(example.id, "a question without a token", "some text");
    if (const auto begin = tokenizer_->beginOfSequence()) ids.insert(ids.begin(), *begin);
    if (const auto end = tokenizer_->endOfText()) ids.push_back(*end);
    return ids;
  }

  std::shared_ptr<const LanguageModel> model_;
  std::shared_ptr<const Tokenizer> tokenizer_;
};

}  // namespace

std::unique_ptr<QuestionEncoder> makeEmbeddingEncoder(std::shared_ptr<const LanguageModel> model,
                                                      std::shared_ptr<const Tokenizer> tokenizer) {
  return std::make_unique<EmbeddingEncoder>(std::move(model), std::move(tokenizer));
}

}  // namespace polar
