#include "eval/answer_cost.h"

#include <utility>

namespace polar {

PromptCost promptCost(const Policy& policy, const Example& example, std::vector<Program> programs,
                      std::int64_t promptTokens) {
  const int run = distinctLayers(programs);
  programs.push_back(Program::standard(policy.promptLayersRead(example)));
  const int all = distinctLayers(std::move(programs));
  return {run * promptTokens, (all - run) * promptTokens + policy.choosingLayerTokens(example)};
}

}  // namespace polar
