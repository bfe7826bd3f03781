#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "eval/known_policies.h"
#include "llm/language_model.h"
#include "support/error.h"
#include "text/prompt.h"

namespace polar {
namespace {

constexpr double kSure = 0.9;  // probability of the likeliest token, as confidence-based exits use it (CALM, 2022)

class EarlyExitPolicy final : public Policy {
 public:
  explicit EarlyExitPolicy(const PolicyContext& context) : model_(context.model), prompts_(context.prompts) {}

  std::string name() const override { return "early_exit"; }

  std::vector<Program> rank(const Example& example, int k) const override {
    const at::NoGradGuard noGrad;
    const std::vector<TokenId> prompt = prompts_->build(example).tokens;
    const int depth = model_->depth();
    std::vector<Program> programs;
    at::Tensor hidden = model_->embed(prompt);
    for (int layers = 1; layers < depth && static_cast<int>(programs.size()) < k; ++layers) {
      KvSlot slot = model_->makeSlot(static_cast<int>(prompt.size()));
      hidden = model_->layer(layers - 1).forward(hidden, slot);
      // Once sure, the next exits follow: a later one is the next best program.
      if (2 * layers >= depth && (!programs.empty() || isSure(hidden))) programs.push_back(Program::standard(layers));
    }
    if (static_cast<int>(programs.size()) < k) programs.push_back(Program::standard(depth));
    return programs;
  }

 private:
  bool isSure(const at::Tensor& hidden) const {
    const at::Tensor logits = model_->logits(hidden.slice(0, hidden.size(0) - 1))[0];
    return at::softmax(logits, -1).max().item<double>() >= kSure;
  }

  std::shared_ptr<const LanguageModel> model_;
  std::shared_ptr<const PromptBuilder> prompts_;
};

}  // namespace

std::unique_ptr<Policy> makeEarlyExitPolicy(const PolicyContext& context) {
  if (!context.model || !context.prompts)
    throw InputError("policy 'early_exit'", "no model", "the model, whose hidden states say when to leave",
                     "use polar eval");
  return std::make_unique<EarlyExitPolicy>(context);
}

}  // namespace polar
