#include <ATen/ATen.h>

#include <algorithm>

#include "eval/policies/known_policies.h"
#include "support/error.h"
#include "train/question_features.h"
#include "train/value_model.h"

namespace polar {
namespace {

class ValuePolicy final : public Policy {
 public:
  explicit ValuePolicy(const PolicyContext& context)
      : features_(context.features), model_(context.value), price_(context.price),
        rule_(model_->rule(price_, features_->promptLayers())),
        fixed_(model_->fixedRanking(price_)) {}

  std::string settings() const override { return ruleText(rule_, price_); }

  std::vector<Program> rank(const Example& example, int k) const override {
    const auto most = std::min(fixed_.size(), static_cast<std::size_t>(std::max(1, k)));
    std::vector<Program> programs;
    for (const std::size_t index : rule_.standardOnly
                                       ? std::vector(fixed_.begin(), fixed_.begin() + static_cast<std::ptrdiff_t>(most))
                                       : model_->rank(read(example), price_, rule_.threshold, most))
      programs.push_back(model_->menu()[index]);
    return programs;
  }

  int promptLayersRead(const Example&) const override { return rule_.standardOnly ? 0 : features_->promptLayers(); }

  std::int64_t choosingLayerTokens(const Example& example) const override {
    return rule_.standardOnly || features_->promptLayers() > 0 ? 0 : features_->layerTokens(example);
  }

  std::shared_ptr<const PromptStart> start(const Example& example) const override {
    return promptLayersRead(example) > 0 ? features_->readKept(example).start : nullptr;
  }

 private:
  std::vector<double> read(const Example& example) const {
    const at::Tensor row = model_->probabilities(features_->read(example)).to(at::kDouble).contiguous();
    return {row.data_ptr<double>(), row.data_ptr<double>() + row.numel()};
  }

  std::shared_ptr<const QuestionFeatures> features_;
  std::shared_ptr<const ValueModel> model_;
  double price_;
  ChoiceRule rule_;
  std::vector<std::size_t> fixed_;  // where no question is read
};

}  // namespace

std::unique_ptr<Policy> makeValuePolicy(const PolicyContext& context) {
  if (!context.value || !context.features)
    throw InputError(context.where(), "no trained value model", "one in the run's predictor folder",
                     "run polar train with value in eval.policies");
  const ValueShape& shape = context.value->shape();
  if (shape.depth != context.space.depth || shape.inputWidth != context.features->width())
    throw InputError(
        context.where(),
        "a value model for " + std::to_string(shape.depth) + " layers and " + std::to_string(shape.inputWidth) +
            " question features",
        std::to_string(context.space.depth) + " layers and " + std::to_string(context.features->width()) + " features",
        "run polar train with this model and these train.value.layers");
  return std::make_unique<ValuePolicy>(context);
}

}  // namespace polar
