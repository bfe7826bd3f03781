#include <cmath>
#include <nlohmann/json.hpp>

#include "encoder_setting.h"
#include "input_error.h"
#include "llm/language_model.h"
#include "train/question_encoder.h"
#include "train/question_features.h"
#include "train/remembered.h"

namespace polar {
namespace {

using testing::ByteTokenizer;

using Setting = testing::EncoderSetting;

double furthest(const at::Tensor& a, const at::Tensor& b) { return (a - b).abs().max().item<double>(); }

}  // namespace

TEST_CASE("the embedding encoder gives what HF transformers gives for a tiny Qwen3-Embedding") {
  at::set_num_threads(1);
  const auto reference =
      nlohmann::json::parse(testing::slurp(testing::fixture("llm/families/embedding/reference.json")), nullptr, false);
  Example example;
  for (const int id : reference["prompt"]) example.question += static_cast<char>(id);  // a byte a token
  const auto model = LanguageModel::load(testing::fixture("llm/families/embedding"));
  const auto encoder = makeEmbeddingEncoder(model, std::make_shared<ByteTokenizer>(model->config().vocabulary));
  const at::Tensor rows = encoder->encode(example);
  REQUIRE(rows.size(0) == static_cast<std::int64_t>(reference["prompt"].size()));
  REQUIRE(rows.size(1) == encoder->width());
  const auto expected = reference["normed"].get<std::vector<float>>();
  for (std::size_t i = 0; i < expected.size(); ++i)
    CHECK(std::abs(rows[-1][static_cast<std::int64_t>(i)].item<double>() - expected[i]) < 1e-4);
  CHECK(encoder->layerTokens(example) == model->depth() * rows.size(0));
  CHECK(testing::errorOf([&] { encoder->encode(Example{}); }).find("without a token") != std::string::npos);
}

TEST_CASE("the embedding encoder adds what the tokenizer adds around a text") {
  at::set_num_threads(1);
  const auto model = LanguageModel::load(testing::fixture("llm/families/embedding"));
  const auto encoder = [&](std::optional<TokenId> begin, std::optional<TokenId> end) {
    return makeEmbeddingEncoder(model, std::make_shared<ByteTokenizer>(model->config().vocabulary, begin, end));
  };
  Example example, longer;
  example.question = "Two and three?";
  longer.question = "\x02" + example.question + "\x07";
  const at::Tensor around = encoder(2, 7)->encode(example);
  REQUIRE(around.size(0) == 16);
  CHECK(at::equal(around, encoder({}, {})->encode(longer)));
  CHECK(encoder(2, 7)->layerTokens(example) == model->depth() * 16);
  CHECK(encoder({}, 7)->encode(example).size(0) == 15);
  CHECK(testing::errorOf([&] { encoder(2, 7)->encode(Example{}); }).find("without a token") != std::string::npos);
}

TEST_CASE("the mean-pooled encoder is one row: the mean of the other's, of root mean square 1") {
  const Setting setting;
  const std::shared_ptr<const QuestionEncoder> self = makeSelfEncoder(setting.model, setting.prompts, 2);
  const auto pooled = makeMeanPooledEncoder(self);
  const at::Tensor row = pooled->encode(setting.example), mean = self->encode(setting.example).mean(0);
  REQUIRE(row.size(0) == 1);
  CHECK(std::abs(row.square().mean().item<double>() - 1) < 1e-4);
  CHECK(std::abs(at::cosine_similarity(row[0], mean, 0).item<double>() - 1) < 1e-5);
  CHECK(pooled->width() == self->width());
  CHECK(pooled->layerTokens(setting.example) == self->layerTokens(setting.example));
}

TEST_CASE(
    "a kept reading is the same rows and the prompt after the layers that were read, read once where remembered") {
  const Setting setting;
  const Prompt prompt = setting.prompts->build(setting.example);
  const auto check = [&](int layers, const at::Tensor& rows, const KeptReading& kept) {
    CHECK(at::equal(kept.rows, rows));
    REQUIRE(kept.start);
    CHECK(kept.start->model == setting.model.get());
    CHECK(kept.start->tokens == prompt.tokens);
    CHECK(kept.start->headTokens == prompt.headTokens);
    REQUIRE(kept.start->layers.size() == static_cast<std::size_t>(layers));
    for (int i = 0; i < layers; ++i) {
      const PromptStart::After& after = kept.start->layers[static_cast<std::size_t>(i)];
      CHECK(after.layer == i);
      CHECK(after.slot->length() == std::ssize(prompt.tokens));
      CHECK(after.hidden.size(0) == std::ssize(prompt.tokens) - static_cast<std::int64_t>(prompt.headTokens));
      CHECK((after.head != nullptr) == (prompt.headTokens > 0));
    }
  };
  const std::shared_ptr<const QuestionEncoder> self = makeSelfEncoder(setting.model, setting.prompts, 2);
  for (const auto& encoder : {self, std::shared_ptr<const QuestionEncoder>(makeMeanPooledEncoder(self))}) {
    CHECK(encoder->promptLayers() == 2);
    check(2, encoder->encode(setting.example), encoder->encodeKept(setting.example));
    const auto features = makeEncoderFeatures(encoder);
    CHECK(features->promptLayers() == 2);
    check(2, features->read(setting.example), features->readKept(setting.example));
  }
  const std::shared_ptr<const QuestionFeatures> states = makeStateFeatures(setting.model, setting.prompts, {4, 2});
  CHECK(states->promptLayers() == 4);
  check(4, states->read(setting.example), states->readKept(setting.example));

  struct Counting final : QuestionFeatures {
    at::Tensor read(const Example&) const override { return at::full({1}, ++readings); }
    int width() const override { return 1; }
    std::int64_t layerTokens(const Example&) const override { return 5; }
    int promptLayers() const override { return 3; }
    mutable int readings = 0;
  };
  for (const Memory memory : {Memory::last, Memory::all}) {
    const auto counting = std::make_shared<Counting>();
    const auto memorised = remembered(counting, memory);
    CHECK(memorised->promptLayers() == 3);
    CHECK(memorised->readKept(setting.example).rows.item<double>() == 1);
    CHECK(memorised->read(setting.example).item<double>() == 1);
    CHECK(counting->readings == 1);
  }
  const auto embedding = makeEmbeddingEncoder(setting.model, std::make_shared<ByteTokenizer>(300));
  CHECK(embedding->promptLayers() == 0);
}

TEST_CASE("question features: last token and mean after each layer, certainty after the last one") {
  Setting setting;
  const int width = setting.model->config().width, depth = setting.model->depth();
  const auto features = makeStateFeatures(setting.model, setting.prompts, {4, 2, 4});
  const at::Tensor row = features->read(setting.example);
  REQUIRE(row.numel() == 4 * width);
  REQUIRE(features->width() == 4 * width);
  const at::Tensor two = makeSelfEncoder(setting.model, setting.prompts, 2)->encode(setting.example),
                   four = makeSelfEncoder(setting.model, setting.prompts, 4)->encode(setting.example);
  CHECK(furthest(row, at::cat({two[-1], two.mean(0), four[-1], four.mean(0)})) < 1e-6);
  const auto tokens = static_cast<std::int64_t>(setting.prompts->build(setting.example).tokens.size());
  CHECK(features->layerTokens(setting.example) == 4 * tokens);

  const auto whole = makeStateFeatures(setting.model, setting.prompts, {});
  const at::Tensor all = whole->read(setting.example);
  REQUIRE(all.numel() == 2 * width + 9);
  REQUIRE(whole->width() == 2 * width + 9);
  const at::Tensor states = hiddenStates(*setting.model, setting.prompts->build(setting.example).tokens, depth);
  const at::Tensor p = at::softmax(setting.model->logits(states.slice(0, tokens - 1))[0], 0);
  CHECK(std::abs(all[2 * width].item<double>() - std::log(p.max().item<double>())) < 1e-5);
  CHECK(std::abs(all[-1].item<double>() + (p * p.log()).sum().item<double>()) < 1e-4);

  setting.example.answer = "another";
  CHECK(at::equal(all, whole->read(setting.example)));
  CHECK(testing::errorOf([&] { makeStateFeatures(setting.model, setting.prompts, {0}); }).find("train.value.layers") !=
        std::string::npos);
}

}  // namespace polar
