#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <sstream>

#include "eval/policies/known_policies.h"
#include "eval/policies/tuning.h"
#include "llm/language_model.h"
#include "llm/prompt_states.h"
#include "support/error.h"
#include "text/prompt.h"

namespace polar {
namespace {

// Leave after the first layer, from `from` on, at which the likeliest token
// has the probability `sure`: confidence-based exits (CALM, 2022).
struct Exit {
  int from = 0;
  double sure = 0;
};

std::vector<Exit> exits(int depth) {
  std::vector<Exit> all;
  for (int eighths = 4; eighths < 8; ++eighths) {
    const int from = (eighths * depth + 7) / 8;
    if (from >= depth || (!all.empty() && all.back().from == from)) continue;
    for (const double sure : {0.5, 0.7, 0.8, 0.9, 0.95, 0.99}) all.push_back({from, sure});
  }
  return all;
}

class LogitLens {
 public:
  LogitLens(std::shared_ptr<const LanguageModel> model, std::shared_ptr<const PromptBuilder> prompts)
      : states_(std::move(model)), prompts_(std::move(prompts)) {}

  int depth() const { return states_.model().depth(); }

  // How sure the output head is of the answer's first token after each of
  // the layers from … depth - 1, as long as `more` says so of the last.
  std::vector<double> read(const Example& example, int from, const std::function<bool(double)>& more) const {
    const at::NoGradGuard noGrad;
    const Prompt prompt = prompts_->build(example);
    PromptWalk walk = states_.walk(prompt.tokens, prompt.headTokens);
    std::vector<double> sureness;
    for (int layers = 1; layers < depth() && (sureness.empty() || more(sureness.back())); ++layers) {
      walk.run(static_cast<LayerIndex>(layers - 1));
      if (layers >= from) sureness.push_back(sureOf(walk.states()));
    }
    return sureness;
  }

 private:
  double sureOf(const at::Tensor& states) const {
    const at::Tensor logits = states_.model().logits(states.slice(0, states.size(0) - 1))[0];
    return at::softmax(logits, -1).max().item<double>();
  }

  PromptStates states_;
  std::shared_ptr<const PromptBuilder> prompts_;
};

// After how many layers the exit leaves; `sureness`: after each of the layers `first` … depth - 1, or up to the exit.
int layersOf(const Exit& exit, const std::vector<double>& sureness, int first, int depth) {
  for (std::size_t i = 0; i < sureness.size(); ++i) {
    const int layers = first + static_cast<int>(i);
    if (layers >= exit.from && sureness[i] >= exit.sure) return layers;
  }
  return depth;
}

class EarlyExitPolicy final : public Policy {
 public:
  explicit EarlyExitPolicy(const PolicyContext& context) : lens_(context.model, context.prompts) {
    const std::vector<Exit> all = exits(lens_.depth());
    if (all.empty()) {  // a model of one layer
      exit_.from = lens_.depth();
      return;
    }
    const std::vector<const Example*> questions = tuningQuestions(context);
    std::vector<std::vector<Program>> chosen(all.size());
    for (const Example* question : questions) {
      const std::vector<double> sureness = lens_.read(*question, all.front().from, [](double) { return true; });
      for (std::size_t i = 0; i < all.size(); ++i)
        chosen[i].push_back(Program::standard(layersOf(all[i], sureness, all.front().from, lens_.depth())));
    }
    tuned_ = tune(context, questions, chosen);
    exit_ = all[tuned_.setting];
  }

  // A later exit is the next best program. Choosing costs no layer: the program begins with all that were read.
  std::vector<Program> rank(const Example& example, int k) const override {
    const auto unsure = [&](double sure) { return sure < exit_.sure; };
    int layers = layersOf(exit_, lens_.read(example, exit_.from, unsure), exit_.from, lens_.depth());
    std::vector<Program> programs;
    for (; layers <= lens_.depth() && static_cast<int>(programs.size()) < k; ++layers)
      programs.push_back(Program::standard(layers));
    return programs;
  }

  std::string settings() const override {
    std::ostringstream text;
    text << "leaves from layer " << exit_.from << " on where it is " << exit_.sure << " sure; " << tuned_.inWords();
    return text.str();
  }

 private:
  LogitLens lens_;
  Exit exit_;
  Tuned tuned_;
};

}  // namespace

std::unique_ptr<Policy> makeEarlyExitPolicy(const PolicyContext& context) {
  if (!context.model || !context.prompts || !context.evaluator)
    throw InputError(context.where(), "no model", "the model, whose hidden states say when to leave", "use polar eval");
  return std::make_unique<EarlyExitPolicy>(context);
}

}  // namespace polar
