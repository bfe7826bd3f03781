// States of a prompt after a remembered head, against one pass over the whole prompt.
#include "llm/prompt_states.h"

#include <numeric>

#include "llm/reference.h"

using namespace polar;
using namespace polar::testing;

TEST_CASE("states after a remembered head are those of one pass, whatever was read before") {
  for (const auto& path : {fixture("llm/tiny-llama-a"), fixture("llm/tiny-llama-b"), embeddedModel()}) {
    INFO(path.string());
    const std::shared_ptr<const LanguageModel> model = LanguageModel::load(path);
    std::vector<std::int32_t> tokens(70);
    std::iota(tokens.begin(), tokens.end(), 1);
    for (std::int32_t& token : tokens) token = token * 7 % static_cast<std::int32_t>(model->config().vocabulary);
    const PromptStates states(model);
    for (const std::size_t head : {40, 40, 0, 69, 70, 12, 40}) {
      int layers = 0;
      states.read(tokens, head, model->depth(), [&](int layer, const at::Tensor& rows) {
        CHECK(layer == ++layers);
        const auto first = static_cast<std::int64_t>(std::min<std::size_t>(head, 69));
        CHECK(at::equal(rows.to(at::kFloat), hiddenStates(*model, tokens, layer).slice(0, first)));
      });
      CHECK(layers == model->depth());
    }
    // Fewer layers first, then more of the same head.
    const PromptStates grown(model);
    int seen = 0;
    for (const int last : {1, model->depth()})
      grown.read(tokens, 30, last, [&](int, const at::Tensor& rows) { seen += static_cast<int>(rows.size(0)); });
    CHECK(seen == 40 * (1 + model->depth()));
    // Layers chosen one after another: skipped, repeated, gone back to.
    for (const std::vector<LayerIndex>& layers : {std::vector<LayerIndex>{1, 1, 0, 1}, {1, 1, 1}, {0, 1, 0, 1}}) {
      PromptWalk remembered = grown.walk(tokens, 30), whole = grown.walk(tokens, 0);
      for (const LayerIndex layer : layers) {
        remembered.run(layer);
        whole.run(layer);
      }
      CHECK(at::equal(remembered.states(), whole.states().slice(0, 30)));
    }
  }
}
