#include "train/question_features.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "llm/language_model.h"
#include "llm/prompt_states.h"
#include "support/error.h"
#include "text/prompt.h"
#include "train/question_encoder.h"

namespace polar {
namespace {

constexpr int kTopTokens = 8;

class StateFeatures final : public QuestionFeatures {
 public:
  StateFeatures(std::shared_ptr<const LanguageModel> model, std::shared_ptr<const PromptBuilder> prompts,
                std::vector<int> layers)
      : model_(std::move(model)), prompts_(std::move(prompts)), layers_(std::move(layers)), states_(model_) {}

  at::Tensor read(const Example& example) const override { return read(example, nullptr); }

  KeptReading readKept(const Example& example) const override {
    auto start = std::make_shared<PromptStart>();
    at::Tensor row = read(example, start.get());
    return {std::move(row), std::move(start)};
  }

  int width() const override {
    return 2 * model_->config().width * static_cast<int>(layers_.size()) + (seesAnswer() ? tops() + 1 : 0);
  }

  std::int64_t layerTokens(const Example& example) const override {
    return std::int64_t{layers_.back()} * static_cast<std::int64_t>(prompts_->build(example).tokens.size());
  }

  int promptLayers() const override { return layers_.back(); }

 private:
  at::Tensor read(const Example& example, PromptStart* kept) const {
    const at::NoGradGuard noGrad;
    const Prompt prompt = prompts_->build(example);
    std::vector<at::Tensor> parts;
    at::Tensor hidden;
    const auto see = [&](int layer, const at::Tensor& states) {
      hidden = states;
      if (!std::binary_search(layers_.begin(), layers_.end(), layer)) return;
      const at::Tensor rows = scaledRows(states.to(at::kCPU, at::kFloat));
      parts.push_back(rows[-1]);
      parts.push_back(rows.mean(0));
    };
    states_.read(prompt.tokens, prompt.headTokens, layers_.back(), see, kept);
    if (seesAnswer()) parts.push_back(certainty(model_->logits(hidden.slice(0, hidden.size(0) - 1))[0].to(at::kCPU)));
    return at::cat(parts).contiguous();
  }

  bool seesAnswer() const { return layers_.back() == model_->depth(); }
  int tops() const { return static_cast<int>(std::min<std::int64_t>(kTopTokens, model_->config().vocabulary)); }

  // Of the answer's first token, from its logits [vocabulary].
  at::Tensor certainty(const at::Tensor& logits) const {
    const at::Tensor logs = at::log_softmax(logits, -1);
    const at::Tensor top = std::get<0>(logs.topk(tops(), -1, /*largest=*/true, /*sorted=*/true));
    return at::cat({top, -(logs.exp() * logs).sum(-1, /*keepdim=*/true)});
  }

  std::shared_ptr<const LanguageModel> model_;
  std::shared_ptr<const PromptBuilder> prompts_;
  std::vector<int> layers_;  // ascending
  PromptStates states_;
};

class EncoderFeatures final : public QuestionFeatures {
 public:
  explicit EncoderFeatures(std::shared_ptr<const QuestionEncoder> encoder) : encoder_(std::move(encoder)) {}

  at::Tensor read(const Example& example) const override { return rowOf(encoder_->encode(example)); }
  KeptReading readKept(const Example& example) const override {
    KeptReading reading = encoder_->encodeKept(example);
    return {rowOf(reading.rows), std::move(reading.start)};
  }
  int width() const override { return 2 * encoder_->width(); }
  std::int64_t layerTokens(const Example& example) const override { return encoder_->layerTokens(example); }
  int promptLayers() const override { return encoder_->promptLayers(); }

 private:
  static at::Tensor rowOf(const at::Tensor& encoded) {
    const at::Tensor rows = encoded.to(at::kCPU, at::kFloat);
    return at::cat({rows[-1], rows.mean(0)}).contiguous();
  }

  std::shared_ptr<const QuestionEncoder> encoder_;
};

}  // namespace

std::unique_ptr<QuestionFeatures> makeStateFeatures(std::shared_ptr<const LanguageModel> model,
                                                    std::shared_ptr<const PromptBuilder> prompts,
                                                    std::vector<int> layers) {
  const int depth = model->depth();
  if (layers.empty()) layers.push_back(depth);
  std::sort(layers.begin(), layers.end());
  layers.erase(std::unique(layers.begin(), layers.end()), layers.end());
  for (const int layer : layers)
    if (layer < 1 || layer > depth)
      throw InputError("train.value.layers", std::to_string(layer), "1 to " + std::to_string(depth));
  return std::make_unique<StateFeatures>(std::move(model), std::move(prompts), std::move(layers));
}

std::unique_ptr<QuestionFeatures> makeEncoderFeatures(std::shared_ptr<const QuestionEncoder> encoder) {
  return std::make_unique<EncoderFeatures>(std::move(encoder));
}

}  // namespace polar
