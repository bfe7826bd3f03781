#include <ATen/ATen.h>

#include "eval/known_policies.h"
#include "support/error.h"
#include "train/question_features.h"
#include "train/value_model.h"

namespace polar {
namespace {

class ValuePolicy final : public Policy {
 public:
  explicit ValuePolicy(const PolicyContext& context)
      : features_(context.features), model_(context.value), price_(context.price),
        abstention_(model_->abstention(price_)) {}

  std::string name() const override { return "value"; }

  std::vector<Program> rank(const Example& example, int k) const override {
    const at::Tensor row = model_->probabilities(features_->read(example)).to(at::kDouble).contiguous();
    const std::vector<double> probabilities(row.data_ptr<double>(), row.data_ptr<double>() + row.numel());
    std::vector<Program> programs;
    for (const std::size_t index : model_->rank(probabilities, price_, abstention_, static_cast<std::size_t>(k)))
      programs.push_back(model_->menu()[index]);
    return programs;
  }

  std::int64_t choosingLayerTokens(const Example& example) const override { return features_->layerTokens(example); }

 private:
  std::shared_ptr<const QuestionFeatures> features_;
  std::shared_ptr<const ValueModel> model_;
  double price_, abstention_;
};

}  // namespace

std::unique_ptr<Policy> makeValuePolicy(const PolicyContext& context) {
  if (!context.value || !context.features)
    throw InputError("policy 'value'", "no trained value model", "one in the run's predictor folder",
                     "run polar train with value in eval.policies");
  const ValueShape& shape = context.value->shape();
  if (shape.depth != context.space.depth || shape.inputWidth != context.features->width())
    throw InputError("policy 'value'",
                     "a value model for " + std::to_string(shape.depth) + " layers and " +
                         std::to_string(shape.inputWidth) + " question features",
                     std::to_string(context.space.depth) + " layers and " + std::to_string(context.features->width()) +
                         " features",
                     "run polar train with this model and these train.value.layers");
  return std::make_unique<ValuePolicy>(context);
}

}  // namespace polar
