#include "eval/policies/known_policies.h"
#include "llm/language_model.h"
#include "llm/prompt_states.h"
#include "support/error.h"
#include "text/prompt.h"
#include "train/router.h"

namespace polar {
namespace {

class DrLlmPolicy final : public Policy {
 public:
  explicit DrLlmPolicy(const PolicyContext& context)
      : states_(context.model), prompts_(context.prompts), router_(context.router) {}

  // The routers decide on states that the program computes anyway, so that choosing costs no layer: those of the
  // program's own path, not of the standard program's (promptLayersRead).
  std::vector<Program> rank(const Example& example, int) const override {
    return {router_->route(states_, prompts_->build(example))};
  }

 private:
  PromptStates states_;
  std::shared_ptr<const PromptBuilder> prompts_;
  std::shared_ptr<const LayerRouter> router_;
};

}  // namespace

std::unique_ptr<Policy> makeDrLlmPolicy(const PolicyContext& context) {
  if (!context.model || !context.prompts)
    throw InputError(context.where(), "no model", "the model, on whose hidden states routers decide", "use polar eval");
  if (!context.router)
    throw InputError(context.where(), "no trained router", "one in the run's predictor folder",
                     "run polar train with drllm in eval.policies");
  return std::make_unique<DrLlmPolicy>(context);
}

}  // namespace polar
