#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <numeric>

#include "eval/policies/known_policies.h"
#include "eval/policies/tuning.h"
#include "llm/language_model.h"
#include "llm/prompt_states.h"
#include "support/error.h"
#include "text/prompt.h"

namespace polar {
namespace {

constexpr std::size_t kTextsRead = 128;  // the paper looks at a sample of texts, too

// 1 − cosine between what enters and what leaves each layer, mean over all tokens of the questions' prompts.
std::vector<double> blockInfluence(const PolicyContext& context) {
  const at::NoGradGuard noGrad;
  const PromptStates states(context.model);
  std::vector<double> influence(static_cast<std::size_t>(context.model->depth()), 0);
  std::size_t questions = 0;
  std::int64_t tokens = 0;
  for (const ExampleLabels& labels : *context.labels) {
    if (labels.split != "train" || questions == kTextsRead) continue;
    ++questions;
    const std::vector<TokenId> prompt = context.prompts->build(labels.example).tokens;
    tokens += static_cast<std::int64_t>(prompt.size());
    PromptWalk walk = states.walk(prompt, 0);  // no head apart: all tokens count
    for (std::size_t layer = 0; layer < influence.size(); ++layer) {
      const at::Tensor before = walk.states().to(at::kDouble);
      walk.run(static_cast<LayerIndex>(layer));
      influence[layer] += (1 - at::cosine_similarity(before, walk.states().to(at::kDouble), -1)).sum().item<double>();
    }
  }
  for (double& each : influence) each /= static_cast<double>(std::max<std::int64_t>(1, tokens));
  return influence;
}

class ShortGptPolicy final : public Policy {
 public:
  explicit ShortGptPolicy(const PolicyContext& context) {
    const std::vector<Program> shorter = byRemoved(blockInfluence(context));
    const std::vector<const Example*> questions = tuningQuestions(context);
    std::vector<std::vector<Program>> chosen;
    for (const Program& program : shorter) chosen.emplace_back(questions.size(), program);
    tuned_ = tune(context, questions, chosen);
    for (std::size_t left = tuned_.setting + 1; left > 0; --left) programs_.push_back(shorter[left - 1]);
    programs_.push_back(Program::standard(context.model->depth()));
  }

  std::vector<Program> rank(const Example&, int k) const override {
    const auto count = std::min(programs_.size(), static_cast<std::size_t>(std::max(1, k)));
    return {programs_.begin(), programs_.begin() + static_cast<std::ptrdiff_t>(count)};
  }
  std::string settings() const override {
    return std::to_string(tuned_.setting + 1) + " of " + std::to_string(programs_.back().executed()) +
           " layers left out; " + tuned_.inWords();
  }

 private:
  // One layer left out, two, … a quarter of them: those first that change the state least.
  static std::vector<Program> byRemoved(const std::vector<double>& influence) {
    std::vector<LayerIndex> order(influence.size());
    std::iota(order.begin(), order.end(), LayerIndex{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](LayerIndex a, LayerIndex b) { return influence[a] < influence[b]; });
    std::vector<Program> programs;
    for (std::size_t removed = 1; removed <= std::max<std::size_t>(1, order.size() / 4); ++removed) {
      std::vector<LayerIndex> kept(order.begin() + static_cast<std::ptrdiff_t>(removed), order.end());
      std::sort(kept.begin(), kept.end());
      programs.emplace_back(std::move(kept));
    }
    return programs;
  }

  std::vector<Program> programs_;  // the chosen one, then with fewer layers left out
  Tuned tuned_;
};

}  // namespace

std::unique_ptr<Policy> makeShortGptPolicy(const PolicyContext& context) {
  if (!context.model || !context.prompts || !context.evaluator)
    throw InputError(context.where(), "no model", "the model, to see how much its layers change", "use polar eval");
  if (!context.labels || context.labels->empty())
    throw InputError(context.where(), "no oracle labels", "train questions to run the model on", "run polar search");
  return std::make_unique<ShortGptPolicy>(context);
}

}  // namespace polar
