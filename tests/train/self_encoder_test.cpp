#include <cmath>

#include "encoder_setting.h"
#include "input_error.h"
#include "llm/language_model.h"
#include "train/question_encoder.h"

namespace polar {
namespace {

using Setting = testing::EncoderSetting;

}  // namespace

TEST_CASE("the self encoder gives the tail's hidden states, each row of root mean square 1") {
  const Setting setting;
  const auto tokens = setting.prompts->build(setting.example).tokens;
  const auto head = setting.prompts->build(setting.example).headTokens;
  REQUIRE(head > 0);
  const int depth = setting.model->depth(), width = setting.model->config().width;
  for (const int layer : {1, depth, -1}) {
    const int reached = layer == -1 ? depth : layer;
    const auto encoder = makeSelfEncoder(setting.model, setting.prompts, layer);
    const auto rows = encoder->encode(setting.example), states = hiddenStates(*setting.model, tokens, reached);
    REQUIRE(rows.sizes() == at::IntArrayRef({static_cast<std::int64_t>(tokens.size() - head), width}));
    CHECK(encoder->width() == width);
    CHECK(encoder->layerTokens(setting.example) == reached * static_cast<std::int64_t>(tokens.size()));
    for (std::int64_t t = 0; t < rows.size(0); ++t) {
      const auto state = states[t + static_cast<std::int64_t>(head)];
      double squares = 0;
      for (int i = 0; i < width; ++i) squares += std::pow(state[i].item<double>(), 2);
      const auto expected = state / std::sqrt(squares / width + 1e-6);
      CHECK((rows[t] - expected).abs().max().item<double>() < 1e-5);
    }
  }
}

TEST_CASE("the self encoder never looks at the answer, and refuses a layer that is not there") {
  Setting setting;
  const auto encoder = makeSelfEncoder(setting.model, setting.prompts, 1);
  const auto before = encoder->encode(setting.example);
  setting.example.answer = setting.example.solution = "something else";
  CHECK(at::equal(before, encoder->encode(setting.example)));
  for (const int layer : {0, -2, setting.model->depth() + 1}) {
    const auto error = testing::errorOf([&] { makeSelfEncoder(setting.model, setting.prompts, layer); });
    CHECK(error.find("train.encoder_layer") != std::string::npos);
  }
}

}  // namespace polar
