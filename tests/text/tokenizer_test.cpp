// Ids against those that HF tokenizers gave (make_fixtures.py).
#include "text/tokenizer.h"

#include <nlohmann/json.hpp>
#include <thread>

#include "catch.h"
#include "smollm2.h"
#include "text/pre_tokenizer.h"
#include "text/unicode.h"

namespace {

using namespace polar;
using nlohmann::json;

json recorded(const std::string& name) {
  return json::parse(testing::slurp(testing::fixture("text/fixtures/" + name)));
}

// Returns the number of cases, so that an emptied fixture does not pass.
std::size_t requireEqual(const Tokenizer& tokenizer, const json& fixture) {
  for (const json& row : fixture.at("cases")) {
    const std::string text = row.at("text");
    INFO("text " << row.at("text").dump(-1, ' ', true));
    const std::vector<TokenId> ids = tokenizer.encode(text);
    REQUIRE(ids == row.at("ids").get<std::vector<TokenId>>());
    const std::string decoded = row.value("decoded", text);
    // HF writes U+FFFD for bytes that are no character; those cases show nothing about ours.
    if (decoded.find("\uFFFD") == std::string::npos) REQUIRE(tokenizer.decode(ids) == decoded);
  }
  return fixture.at("cases").size();
}

TEST_CASE("tokenizer: the embedded model's ids are HF's") {
  const auto tokenizer = loadTokenizer(testing::embeddedModel());
  REQUIRE(requireEqual(*tokenizer, recorded("embedded.json")) > 200);
  CHECK(tokenizer->vocabularySize() == 604);
  CHECK(tokenizer->endOfSequence() == std::vector<TokenId>{0});
  CHECK_FALSE(tokenizer->beginOfSequence());
  CHECK(tokenizer->description() == "bpe, digits + gpt-2 split, tokenizer.json, 604 tokens");
}

TEST_CASE("tokenizer: GPT-2, Llama 3 and Qwen splits are HF's") {
  const std::string name = GENERATE("tiny-gpt2", "tiny-llama3", "tiny-qwen2");
  INFO(name);
  REQUIRE(requireEqual(*loadTokenizer(testing::fixture("text/fixtures/" + name)), recorded(name + ".json")) > 100);
}

TEST_CASE("tokenizer: a GGUF gives the ids of the folder it was made from") {
  const std::string name = GENERATE("tiny-llama3", "tiny-qwen2");
  const auto tokenizer = loadTokenizer(testing::fixture("text/fixtures/" + name + ".gguf"));
  const auto folder = loadTokenizer(testing::fixture("text/fixtures/" + name));
  CHECK(tokenizer->vocabularySize() == folder->vocabularySize());
  const json cases = recorded(name + ".json").at("cases");
  std::size_t compared = 0;
  for (const json& row : cases) {
    const std::string text = row.at("text");
    // GGUF does not record lstrip, rstrip and normalized of an added token.
    if (text.find("pad") != std::string::npos || text.find("CAF") != std::string::npos) continue;
    INFO("text " << row.at("text").dump(-1, ' ', true));
    REQUIRE(tokenizer->encode(text) == row.at("ids").get<std::vector<TokenId>>());
    ++compared;
  }
  REQUIRE(compared > 100);
}

TEST_CASE("tokenizer: begin, end and chat template") {
  const auto load = [](const std::string& name) { return loadTokenizer(testing::fixture("text/fixtures/" + name)); };
  CHECK(load("tiny-llama3")->beginOfSequence() == TokenId{0});
  CHECK(load("tiny-llama3.gguf")->beginOfSequence() == TokenId{0});  // what llama-bpe means by itself
  CHECK_FALSE(load("tiny-llama3-nobos.gguf")->beginOfSequence());
  CHECK(load("tiny-qwen2.gguf")->beginOfSequence() == TokenId{1});  // the file says so, against Qwen's custom
  CHECK(load("tiny-llama3.gguf")->endOfSequence() == std::vector<TokenId>{1, 2});
  CHECK(load("tiny-qwen2.gguf")->endOfSequence() == std::vector<TokenId>{2});
  CHECK(load("tiny-qwen2.gguf")->chatTemplate() == "{{ messages }}");
  CHECK(load("tiny-qwen2")->chatTemplate().empty());
}

TEST_CASE("tokenizer: what a post-processor adds after a text is HF's") {
  for (const char* name : {"tiny-embedding", "tiny-embedding.gguf"}) {
    INFO(name);
    const auto tokenizer = loadTokenizer(testing::fixture(std::string("text/fixtures/") + name));
    CHECK_FALSE(tokenizer->beginOfSequence());
    REQUIRE(tokenizer->endOfText());
    const json rows = recorded("tiny-embedding.json").at("whole");
    REQUIRE(rows.size() == 3);
    for (const json& row : rows) {
      std::vector<TokenId> ids = tokenizer->encode(row.at("text").get<std::string>());
      ids.push_back(*tokenizer->endOfText());
      CHECK(ids == row.at("ids").get<std::vector<TokenId>>());
    }
  }
  CHECK_FALSE(loadTokenizer(testing::fixture("text/fixtures/tiny-llama3"))->endOfText());
  CHECK_FALSE(loadTokenizer(testing::fixture("text/fixtures/tiny-qwen2.gguf"))->endOfText());
}

TEST_CASE("tokenizer: settings beside tokenizer.json") {
  const testing::TemporaryFolder folder;
  const auto model = folder.path();
  testing::spill(model / "tokenizer.json", testing::slurp(testing::fixture("text/fixtures/tiny-gpt2/tokenizer.json")));
  testing::spill(model / "config.json", R"({"eos_token_id": 1})");
  CHECK(loadTokenizer(model)->endOfSequence() == std::vector<TokenId>{1});
  testing::spill(model / "generation_config.json", R"({"eos_token_id": [2, 0, 2]})");
  CHECK(loadTokenizer(model)->endOfSequence() == std::vector<TokenId>{0, 2});
  testing::spill(model / "tokenizer_config.json", R"({"add_bos_token": true, "bos_token": {"content": "<|im_start|>"},
                 "chat_template": [{"name": "rag", "template": "r"}, {"name": "default", "template": "d"}]})");
  CHECK(loadTokenizer(model)->beginOfSequence() == TokenId{1});
  CHECK(loadTokenizer(model)->chatTemplate() == "d");
  testing::spill(model / "chat_template.jinja", "j");
  CHECK(loadTokenizer(model)->chatTemplate() == "j");
}

TEST_CASE("tokenizer: the fingerprint follows what decides the ids") {
  const auto original = json::parse(testing::slurp(testing::fixture("text/fixtures/tiny-gpt2/tokenizer.json")));
  const testing::TemporaryFolder folder;
  const auto fingerprint = [&](const json& content) {
    testing::spill(folder.path() / "tokenizer.json", content.dump());
    return loadTokenizer(folder.path())->fingerprint();
  };
  const std::string first = fingerprint(original);
  CHECK(first.size() == 64);
  CHECK(fingerprint(original) == first);
  json other = original;
  other["truncation"] = nullptr;
  other["decoder"] = nullptr;
  CHECK(fingerprint(other) == first);
  other = original;
  std::swap(other["model"]["merges"][3], other["model"]["merges"][4]);
  CHECK(fingerprint(other) != first);
  other = original;
  other["added_tokens"][1]["special"] = false;
  CHECK(fingerprint(other) != first);
}

TEST_CASE("tokenizer: a byte outside the vocabulary is dropped, or unknown where the model says so") {
  json content = json::parse(testing::slurp(testing::fixture("text/fixtures/tiny-gpt2/tokenizer.json")));
  const TokenId x = content["model"]["vocab"]["x"], y = content["model"]["vocab"]["y"];
  content["model"]["vocab"].erase("{");
  content["model"]["merges"] = json::array();
  const testing::TemporaryFolder folder;
  testing::spill(folder.path() / "tokenizer.json", content.dump());
  CHECK(loadTokenizer(folder.path())->encode("x{y") == std::vector<TokenId>{x, y});
  content["model"]["unk_token"] = "<|endoftext|>";
  testing::spill(folder.path() / "tokenizer.json", content.dump());
  CHECK(loadTokenizer(folder.path())->encode("x{{y") == std::vector<TokenId>{x, 0, 0, y});
}

TEST_CASE("tokenizer: any bytes survive encode and decode") {
  const auto tokenizer = loadTokenizer(testing::embeddedModel());
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += {'a', static_cast<char>(byte), static_cast<char>(255 - byte)};
  CHECK(tokenizer->decode(tokenizer->encode(all)) == all);
  CHECK(tokenizer->decode(std::vector<TokenId>{-1, 604, 1 << 30}).empty());
}

TEST_CASE("tokenizer: one word of 200,000 bytes takes no quadratic time") {
  const auto tokenizer = loadTokenizer(testing::embeddedModel());
  std::string word;
  for (int i = 0; i < 200'000; ++i) word += static_cast<char>('a' + i * 7 % 26);
  CHECK(tokenizer->decode(tokenizer->encode(word)) == word);
}

TEST_CASE("tokenizer: threads share one") {
  const auto tokenizer = loadTokenizer(testing::embeddedModel());
  const json cases = recorded("embedded.json").at("cases");
  std::vector<int> wrong(4);
  std::vector<std::thread> threads;
  for (int& count : wrong)
    threads.emplace_back([&] {
      for (const json& row : cases)
        count += tokenizer->encode(row.at("text").get<std::string>()) != row.at("ids").get<std::vector<TokenId>>();
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == std::vector<int>(4));
}

TEST_CASE("tokenizer: SmolLM2's GGUF gives HF's ids") {
  const auto file = testing::smollm2();
  if (!file) {
    polar::testing::skipped("no SmolLM2 GGUF in the cache (src/setup/fetch_model.sh smollm2)");
    return;
  }
  const auto tokenizer = loadTokenizer(*file);
  REQUIRE(requireEqual(*tokenizer, recorded("smollm2.json")) > 200);
  CHECK(tokenizer->vocabularySize() == 49152);
  CHECK(tokenizer->endOfSequence() == std::vector<TokenId>{2});
  CHECK_FALSE(tokenizer->beginOfSequence());
  CHECK(tokenizer->chatTemplate().find("<|im_start|>") != std::string::npos);
}

TEST_CASE("pre-tokenizer: words") {
  const auto words = [](const std::string& text, std::vector<SplitRule> rules) {
    const auto views = splitWords(text, rules);
    return std::vector<std::string>(views.begin(), views.end());
  };
  using Words = std::vector<std::string>;
  // A lookahead ends with its piece: the spaces before a digit stay together once digits are cut out.
  CHECK(words("a  5", {SplitRule::gpt2}) == Words{"a", " ", " 5"});
  CHECK(words("a  5", {SplitRule::digits, SplitRule::gpt2}) == Words{"a", "  ", "5"});
  // Without case, a long s is an s (Oniguruma); GPT-2's contractions are lower case.
  CHECK(words("it'\u017fab", {SplitRule::llama3}) == Words{"it", "'\u017f", "ab"});
  CHECK(words("it'Sab", {SplitRule::qwen2}) == Words{"it", "'S", "ab"});
  CHECK(words("it'Sab", {SplitRule::gpt2}) == Words{"it", "'", "Sab"});
  CHECK(words("x1234\n\n y!\n", {SplitRule::llama3}) == Words{"x", "123", "4", "\n\n", " y", "!\n"});
  CHECK(words("", {SplitRule::gpt2}).empty());
}

TEST_CASE("unicode: classes and NFC at the edges") {
  CHECK(charClass('a') == CharClass::letter);
  CHECK(charClass(0x4E94) == CharClass::letter);
  CHECK(charClass(0xBD) == CharClass::number);
  CHECK(charClass(0x85) == CharClass::space);
  CHECK(charClass(0x1C) == CharClass::other);
  CHECK(charClass(0x11DE0) == CharClass::digitOnly);
  CHECK(charClass(0x10FFFF) == CharClass::other);
  CHECK(toNfc("cafe\u0301") == "caf\u00e9");
  CHECK(toNfc("e\u0301\xFF") == "e\u0301\xFF");
  CHECK(toNfc(std::string("\0e\u0301", 4)) == std::string("\0\u00e9", 3));
  // HF's NFC is Unicode 9's: later marks stay where they are, letters of later scripts do not compose.
  CHECK(toNfc("a\u0301\u08d3") == "\u00e1\u08d3");
  CHECK(toNfc("e\u0898\u0323\u0301") == "e\u0898\u0323\u0301");
  CHECK(toNfc("\U00011935\U00011930 e\u0301") == "\U00011935\U00011930 \u00e9");
  CHECK(characters("a\xC3").size() == 2);
}

}  // namespace
