// Broken and foreign tokenizers: one line that says where and what, whatever is broken.
#include <functional>
#include <nlohmann/json.hpp>

#include "catch.h"
#include "support/error.h"
#include "text/tokenizer.h"

namespace {

using namespace polar;
using nlohmann::json;

std::string errorOf(const std::filesystem::path& model) {
  try {
    loadTokenizer(model);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

void requireLine(const std::string& error, const std::string& part) {
  INFO(error);
  REQUIRE(error.find(part) != std::string::npos);
  REQUIRE(error.find('\n') == std::string::npos);
  REQUIRE(error.find("json.exception") == std::string::npos);
}

json tinyTokenizer() { return json::parse(testing::slurp(testing::fixture("text/fixtures/tiny-gpt2/tokenizer.json"))); }

struct Breakage {
  const char* part;  // of the message
  std::function<void(json&)> apply;
};

const std::vector<Breakage>& breakages() {
  static const std::vector<Breakage> all = {
      {"model.type: found \"WordPiece\", expected \"BPE\"", [](json& t) { t["model"]["type"] = "WordPiece"; }},
      {"model.type: found nothing", [](json& t) { t.erase("model"), t["model"] = json::object(); }},
      {"found nothing, expected an object", [](json& t) { t.erase("model"); }},
      {"model: found \"x\", expected an object", [](json& t) { t["model"] = "x"; }},
      {"model.vocab: found [], expected an object", [](json& t) { t["model"]["vocab"] = json::array(); }},
      {"model.vocab: found {}", [](json& t) { t["model"]["vocab"] = json::object(); }},
      {"model.vocab.a: found -1", [](json& t) { t["model"]["vocab"]["a"] = -1; }},
      {"model.vocab.a: found 1.5", [](json& t) { t["model"]["vocab"]["a"] = 1.5; }},
      {"model.vocab.a: found 4000000000000", [](json& t) { t["model"]["vocab"]["a"] = 4000000000000; }},
      {"18446744073709551615", [](json& t) { t["model"]["vocab"]["a"] = 18446744073709551615ULL; }},
      {"model.vocab: found id 5 twice", [](json& t) { t["model"]["vocab"]["new"] = 5; }},
      {"model.merges: found nothing", [](json& t) { t["model"].erase("merges"); }},
      {"model.merges[0]: found 7, expected a string", [](json& t) { t["model"]["merges"] = {7}; }},
      {"model.merges[0]: found \"ab\"", [](json& t) { t["model"]["merges"] = {"ab"}; }},
      {"model.merges[0]: found \"a b c\"", [](json& t) { t["model"]["merges"] = {"a b c"}; }},
      {"model.merges[0]: found [\"a\"]", [](json& t) { t["model"]["merges"] = {json::array({"a"})}; }},
      {"merge 0: found 'aq'", [](json& t) { t["model"]["merges"] = {"a q"}; }},
      {"merge 0: found 'zz'", [](json& t) { t["model"]["merges"] = {"zz a"}; }},
      {"model.dropout: found 0.1", [](json& t) { t["model"]["dropout"] = 0.1; }},
      {"model.byte_fallback: found true", [](json& t) { t["model"]["byte_fallback"] = true; }},
      {"model.byte_fallback: found 1, expected true or false", [](json& t) { t["model"]["byte_fallback"] = 1; }},
      {"model.end_of_word_suffix: found \"</w>\"", [](json& t) { t["model"]["end_of_word_suffix"] = "</w>"; }},
      {"model.unk_token: found \"<unk>\"", [](json& t) { t["model"]["unk_token"] = "<unk>"; }},
      {"normalizer.type: found \"NFKC\"", [](json& t) { t["normalizer"] = {{"type", "NFKC"}}; }},
      {"normalizer.normalizers[0].type: found \"Lowercase\"",
       [](json& t) { t["normalizer"] = {{"type", "Sequence"}, {"normalizers", {{{"type", "Lowercase"}}}}}; }},
      {"pre_tokenizer.type: found \"Metaspace\"", [](json& t) { t["pre_tokenizer"] = {{"type", "Metaspace"}}; }},
      {"pre_tokenizer.type: found nothing", [](json& t) { t["pre_tokenizer"] = json::object(); }},
      {"pre_tokenizer: found nothing", [](json& t) { t["pre_tokenizer"] = nullptr; }},
      {"add_prefix_space: found true", [](json& t) { t["pre_tokenizer"]["add_prefix_space"] = true; }},
      {"pre_tokenizer.pattern.Regex: found '\\w+'",
       [](json& t) {
         t["pre_tokenizer"] = {{"type", "Split"}, {"pattern", {{"Regex", "\\w+"}}}, {"behavior", "Isolated"}};
       }},
      {"behavior: found \"Removed\"",
       [](json& t) { t["pre_tokenizer"] = {{"type", "Split"}, {"behavior", "Removed"}}; }},
      {"post_processor.type: found \"BertProcessing\"",
       [](json& t) { t["post_processor"] = {{"type", "BertProcessing"}}; }},
      {"post_processor.single[2]: found {\"SpecialToken\":{\"id\":\"e\"}}, expected one special token after the text",
       [](json& t) {
         const json token = {{"SpecialToken", {{"id", "e"}}}}, text = {{"Sequence", {{"id", "A"}}}};
         t["post_processor"] = {{"type", "TemplateProcessing"},
                                {"single", {text, token, token}},
                                {"special_tokens", {{"e", {{"ids", {0}}}}}}};
       }},
      {"added_tokens: found {}, expected a list", [](json& t) { t["added_tokens"] = json::object(); }},
      {"added_tokens[0].id: found nothing", [](json& t) { t["added_tokens"][0].erase("id"); }},
      {"added_tokens[0].content: found \"\"", [](json& t) { t["added_tokens"][0]["content"] = ""; }},
      {"added_tokens[0].single_word: found true", [](json& t) { t["added_tokens"][0]["single_word"] = true; }},
      {"added_tokens[0]: found", [](json& t) { t["added_tokens"][0]["id"] = 9; }},
      {"added_tokens[0]: found", [](json& t) { t["added_tokens"][0]["id"] = 9000; }},
  };
  return all;
}

TEST_CASE("tokenizer.json: every breakage is named") {
  const testing::TemporaryFolder folder;
  const auto file = folder.path() / "tokenizer.json";
  for (const Breakage& breakage : breakages()) {
    json content = tinyTokenizer();
    breakage.apply(content);
    testing::spill(file, content.dump());
    const std::string error = errorOf(folder.path());
    requireLine(error, breakage.part);
    REQUIRE(error.starts_with(file.string()));
  }
}

TEST_CASE("tokenizer.json: cut short anywhere, absent, or no JSON") {
  const testing::TemporaryFolder folder;
  const auto file = folder.path() / "tokenizer.json";
  requireLine(errorOf(folder.path()), "found no tokenizer.json");
  requireLine(errorOf(folder.path() / "absent"), "found no tokenizer.json");
  const std::string whole = tinyTokenizer().dump();
  for (std::size_t length = 0; length < whole.size(); length += 97) {
    testing::spill(file, whole.substr(0, length));
    requireLine(errorOf(folder.path()), "found no JSON from byte");
  }
  testing::spill(file, "\xFF\xFE");
  requireLine(errorOf(folder.path()), "found no JSON from byte 1 on");
  testing::spill(file, "[]");
  requireLine(errorOf(folder.path()), "tokenizer.json: found [], expected an object");
  testing::spill(file, std::string(100'000, '['));
  requireLine(errorOf(folder.path()), "found JSON that nests deeper than 64 levels");
  testing::spill(file, R"({"model":1e999})");
  requireLine(errorOf(folder.path()), "found a number that is too large");
}

TEST_CASE("tokenizer.json: a Sequence of many steps") {
  const testing::TemporaryFolder folder;
  json content = tinyTokenizer();
  for (int i = 0; i < 65; ++i) content["normalizer"]["normalizers"].push_back({{"type", "NFC"}});
  content["normalizer"]["type"] = "Sequence";
  testing::spill(folder.path() / "tokenizer.json", content.dump());
  requireLine(errorOf(folder.path()), "normalizer.normalizers: found 65 steps, expected at most 64");
}

TEST_CASE("tokenizer.json: broken settings beside it") {
  const testing::TemporaryFolder folder;
  testing::spill(folder.path() / "tokenizer.json", tinyTokenizer().dump());
  testing::spill(folder.path() / "config.json", R"({"eos_token_id": "2"})");
  requireLine(errorOf(folder.path()), "config.json: eos_token_id: found \"2\", expected a token id");
  testing::spill(folder.path() / "config.json", "{");
  requireLine(errorOf(folder.path()), "config.json: found no JSON from byte 2 on");
  testing::spill(folder.path() / "config.json", "{}");
  testing::spill(folder.path() / "tokenizer_config.json", R"({"chat_template": 3})");
  requireLine(errorOf(folder.path()), "tokenizer_config.json: chat_template: found 3, expected a list");
}

// A GGUF of metadata alone.
class GgufBytes {
 public:
  GgufBytes& text(const std::string& key, const std::string& value) {
    begin(key, 8);
    string(value);
    return *this;
  }
  GgufBytes& texts(const std::string& key, const std::vector<std::string>& values) {
    begin(key, 9);
    number<std::uint32_t>(8);
    number<std::uint64_t>(values.size());
    for (const std::string& value : values) string(value);
    return *this;
  }
  GgufBytes& integers(const std::string& key, const std::vector<std::int32_t>& values) {
    begin(key, 9);
    number<std::uint32_t>(5);
    number<std::uint64_t>(values.size());
    for (const std::int32_t value : values) number(value);
    return *this;
  }
  GgufBytes& integer(const std::string& key, std::int32_t value) {
    begin(key, 5);
    number(value);
    return *this;
  }
  std::string file() const {
    GgufBytes head;
    head.bytes_ = "GGUF";
    head.number<std::uint32_t>(3);
    head.number<std::uint64_t>(0);
    head.number<std::uint64_t>(keys_);
    return head.bytes_ + bytes_ + std::string(64, '\0');
  }

 private:
  template <typename T>
  void number(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void string(const std::string& value) {
    number<std::uint64_t>(value.size());
    bytes_ += value;
  }
  void begin(const std::string& key, std::uint32_t type) {
    string(key);
    number(type);
    ++keys_;
  }

  std::string bytes_;
  std::uint64_t keys_ = 0;
};

GgufBytes gguf(const std::string& model, const std::string& pre) {
  return GgufBytes().text("tokenizer.ggml.model", model).text("tokenizer.ggml.pre", pre);
}

TEST_CASE("GGUF: a tokenizer that cannot be read is named") {
  const testing::TemporaryFolder folder;
  const auto file = folder.path() / "m.gguf";
  const auto error = [&](const GgufBytes& content) {
    testing::spill(file, content.file());
    return errorOf(file);
  };
  const std::vector<std::string> tokens = {"a", "b", "ab", "<x>"};
  const auto whole = [&] { return gguf("gpt2", "smollm").texts("tokenizer.ggml.tokens", tokens); };
  requireLine(error(gguf("llama", "default")), "tokenizer.ggml.model: found 'llama', expected 'gpt2'");
  requireLine(error(gguf("gpt2", "tekken")), "tokenizer.ggml.pre: found 'tekken', expected one of");
  requireLine(error(GgufBytes().text("tokenizer.ggml.model", "gpt2")), "tokenizer.ggml.pre");
  requireLine(error(gguf("gpt2", "smollm")), "tokenizer.ggml.tokens");
  requireLine(error(whole()), "tokenizer.ggml.merges");
  requireLine(error(whole().texts("tokenizer.ggml.merges", {"ab"})), "tokenizer.ggml.merges: found 'ab'");
  requireLine(error(whole().texts("tokenizer.ggml.merges", {"a b"}).integers("tokenizer.ggml.token_type", {1, 1})),
              "tokenizer.ggml.token_type: found 2 types, expected one for each of the 4 tokens");
  auto complete = whole().integers("tokenizer.ggml.token_type", {1, 1, 1, 3});
  requireLine(error(GgufBytes(complete).texts("tokenizer.ggml.merges", {"b a"})), "merge 0: found 'ba'");
  complete.texts("tokenizer.ggml.merges", {"a b"});
  requireLine(error(GgufBytes(complete).integer("tokenizer.ggml.eos_token_id", 4)),
              "tokenizer.ggml.eos_token_id: found 4, expected an id below");
  testing::spill(file, complete.file());
  CHECK(loadTokenizer(file)->encode("ab<x>a") == std::vector<TokenId>{2, 3, 0});
  requireLine(errorOf(folder.path() / "absent.gguf"), "absent.gguf");
}

}  // namespace
