#include <ATen/ATen.h>

#include <algorithm>

#include "eval/policies/known_policies.h"
#include "support/error.h"
#include "train/menu_model.h"
#include "train/question_features.h"

namespace polar {
namespace {

// The programs of a trained model's menu, by how likely it says that each is right.
class MenuModelPolicy final : public Policy {
 public:
  MenuModelPolicy(const PolicyContext& context, std::shared_ptr<const MenuModel> model)
      : features_(context.features), model_(std::move(model)), pricing_{context.price, features_->promptLayers()},
        rule_(model_->choice.rule(pricing_)), fixed_(model_->choice.fixedRanking(pricing_.price)) {}

  std::string settings() const override { return ruleText(rule_, pricing_.price); }

  std::vector<Program> rank(const Example& example, int k) const override {
    const auto most = std::min(fixed_.size(), static_cast<std::size_t>(std::max(1, k)));
    std::vector<Program> programs;
    for (const std::size_t index : rule_.standardOnly
                                       ? std::vector(fixed_.begin(), fixed_.begin() + static_cast<std::ptrdiff_t>(most))
                                       : model_->choice.rank(read(example), pricing_, rule_.threshold, most))
      programs.push_back(model_->choice.menu()[index]);
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
  std::shared_ptr<const MenuModel> model_;
  Pricing pricing_;
  ChoiceRule rule_;
  std::vector<std::size_t> fixed_;  // where no question is read
};

// kind: "value model".
std::unique_ptr<Policy> makeMenuModelPolicy(const PolicyContext& context, const std::shared_ptr<const MenuModel>& model,
                                            const std::string& kind) {
  if (!model || !context.features)
    throw InputError(context.where(), "no trained " + kind, "one in the run's predictor folder",
                     "run polar train with " + context.policy + " in eval.policies");
  const int depth = model->choice.depth(), width = model->inputWidth();
  if (depth != context.space.depth || width != context.features->width())
    throw InputError(
        context.where(),
        "a " + kind + " for " + std::to_string(depth) + " layers and " + std::to_string(width) + " question features",
        std::to_string(context.space.depth) + " layers and " + std::to_string(context.features->width()) + " features",
        "run polar train with this model and these train.value.layers");
  return std::make_unique<MenuModelPolicy>(context, model);
}

}  // namespace

std::unique_ptr<Policy> makeValuePolicy(const PolicyContext& context) {
  return makeMenuModelPolicy(context, context.value, "value model");
}

std::unique_ptr<Policy> makeChooserPolicy(const PolicyContext& context) {
  return makeMenuModelPolicy(context, context.chooser, "menu chooser");
}

std::unique_ptr<Policy> makeDistilledPolicy(const PolicyContext& context) {
  return makeMenuModelPolicy(context, context.distilled, "distilled chooser");
}

}  // namespace polar
