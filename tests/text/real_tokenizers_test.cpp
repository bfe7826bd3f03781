// Published tokenizers: every id is HF's, on 20,000 made-up texts and on the public questions (real_tokenizers.py).
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

#include "catch.h"
#include "smollm2.h"
#include "support/hash.h"
#include "support/random.h"
#include "text/prompt.h"
#include "text/tokenizer.h"

namespace {

using namespace polar;
using nlohmann::json;

const char* const kNames[] = {"qwen1.5", "qwen2.5", "qwen3", "llama3.1"};

const json& fixture() {
  static const json content = json::parse(testing::slurp(testing::fixture("text/fixtures/real_tokenizers.json")));
  return content;
}

// nullptr, and a reason on stdout, where src/setup/fetch_tokenizers.sh has not been run.
std::shared_ptr<const Tokenizer> load(const std::string& name) {
  const auto folder = testing::modelCache() / "tokenizers" / name;
  std::error_code ignored;
  if (std::filesystem::exists(folder / "tokenizer.json", ignored)) return loadTokenizer(folder);
  polar::testing::skipped("no tokenizer " + name + " in the cache (src/setup/fetch_tokenizers.sh)");
  return nullptr;
}

void append(std::string& text, char32_t code) {
  if (code < 0x80) {
    text += static_cast<char>(code);
    return;
  }
  const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  constexpr unsigned kLead[] = {0, 0xC0, 0xE0, 0xF0};
  text += static_cast<char>(kLead[more] | code >> 6 * more);
  for (int i = more - 1; i >= 0; --i) text += static_cast<char>(0x80 | (code >> 6 * i & 0x3F));
}

// The rule of real_tokenizers.py.
std::string fuzzed(std::uint64_t number) {
  Random random(number);
  const auto below = [&](std::uint64_t bound) { return random.next() % bound; };
  const json &pieces = fixture().at("pieces"), &ranges = fixture().at("ranges");
  std::string text;
  for (std::uint64_t parts = 1 + below(12); parts > 0; --parts) {
    std::string part;
    const std::uint64_t kind = below(8);
    if (kind < 2) {
      append(part, static_cast<char32_t>(0x20 + below(95)));
    } else if (kind < 4) {
      part = pieces[below(pieces.size())].get<std::string>();
    } else if (kind == 4) {
      append(part, static_cast<char32_t>(below(0x3000)));
    } else if (kind == 5) {
      append(part, static_cast<char32_t>(0xE000 + below(0x110000 - 0xE000)));
    } else {
      const json& range = ranges[below(ranges.size())];
      const auto first = range[0].get<std::uint64_t>(), last = range[1].get<std::uint64_t>();
      append(part, static_cast<char32_t>(first + below(last - first + 1)));
    }
    const std::uint64_t times = 1 + (below(4) == 0 ? below(6) : 0);
    for (std::uint64_t i = 0; i < times; ++i) text += part;
  }
  return text;
}

// Count and ids, little-endian, as struct.pack writes them.
std::string packed(const std::vector<TokenId>& ids) {
  std::string bytes;
  const auto put = [&](std::uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(value >> shift & 0xFF);
  };
  put(static_cast<std::uint32_t>(ids.size()));
  for (const TokenId id : ids) put(static_cast<std::uint32_t>(id));
  return bytes;
}

std::string digest(const std::string& bytes) { return sha256(bytes).substr(0, 12); }

std::string python() { return std::string(POLAR_VENV).empty() ? "python3" : std::string(POLAR_VENV) + "/bin/python"; }

void collectTexts(const json& value, std::set<std::string>& texts) {
  if (value.is_string()) texts.insert(value.get<std::string>());
  if (value.is_structured())
    for (const json& inner : value) collectTexts(inner, texts);
}

// Every string of every record of the public data sets, once.
std::vector<std::string> publicTexts(const std::filesystem::path& data) {
  std::set<std::string> texts;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(data)) {
    if (entry.path().extension() != ".jsonl") continue;
    std::ifstream in(entry.path());
    for (std::string line; std::getline(in, line);) collectTexts(json::parse(line), texts);
  }
  return {texts.begin(), texts.end()};
}

}  // namespace

TEST_CASE("tokenizer: the made-up texts are those of the fixture") {
  std::string joined;
  for (std::uint64_t i = 0; i < fixture().at("texts").get<std::uint64_t>(); ++i)
    joined += (i ? std::string(1, '\0') : "") + fuzzed(i);
  CHECK(digest(joined) == fixture().at("texts_digest").get<std::string>());
}

TEST_CASE("tokenizer: published tokenizers give HF's ids on 20,000 made-up texts") {
  const auto blocks = fixture().at("texts").get<std::uint64_t>() / fixture().at("block").get<std::uint64_t>();
  const auto inBlock = fixture().at("block").get<std::uint64_t>();
  REQUIRE(blocks * inBlock == 20'000);
  for (const std::string name : kNames) {
    const auto tokenizer = load(name);
    if (!tokenizer) continue;
    const json& expected = fixture().at("ids").at(name);
    REQUIRE(expected.size() == blocks);
    std::vector<std::uint64_t> wrong;
    for (std::uint64_t block = 0; block < blocks; ++block) {
      std::string bytes;
      for (std::uint64_t i = 0; i < inBlock; ++i) bytes += packed(tokenizer->encode(fuzzed(block * inBlock + i)));
      if (digest(bytes) != expected[block].get<std::string>()) wrong.push_back(block);
    }
    INFO(name << ": blocks of texts with other ids");
    CHECK(wrong == std::vector<std::uint64_t>{});
  }
}

TEST_CASE("tokenizer: published tokenizers give HF's ids on the public questions") {
  const auto data = testing::publicData();
  if (!data) {
    polar::testing::skipped("no public questions (POLAR_DATA names the folder)");
    return;
  }
  const testing::TemporaryFolder folder;
  if (std::system((python() + " -c 'import tokenizers' 2>/dev/null").c_str()) != 0) {
    polar::testing::skipped("no Python with tokenizers (set POLAR_VENV when configuring)");
    return;
  }
  const std::vector<std::string> texts = publicTexts(*data);
  REQUIRE_FALSE(texts.empty());
  std::string lines;
  for (const std::string& text : texts) lines += json(text).dump() + "\n";
  testing::spill(folder.path() / "texts.jsonl", lines);
  for (const std::string name : kNames) {
    const auto tokenizer = load(name);
    if (!tokenizer) continue;
    const auto out = folder.path() / name;
    const std::string command = python() + " '" + testing::fixture("text/real_tokenizers.py").string() + "' hash '" +
                                (testing::modelCache() / "tokenizers" / name).string() + "' < '" +
                                (folder.path() / "texts.jsonl").string() + "' > '" + out.string() + "'";
    REQUIRE(std::system(command.c_str()) == 0);
    std::ifstream digests(out);
    std::size_t wrong = 0, compared = 0;
    std::string first;
    for (std::string line; compared < texts.size() && std::getline(digests, line); ++compared)
      if (digest(packed(tokenizer->encode(texts[compared]))) != line && wrong++ == 0) first = texts[compared];
    INFO(name << ", first text with other ids: " << first);
    CHECK(wrong == 0);
    CHECK(compared == texts.size());
    std::cout << name << ": " << compared << " public texts, " << wrong << " with other ids than HF\n";
  }
}

TEST_CASE("prompt: chats of the families are what HF's templates render") {
  REQUIRE(fixture().at("chats").size() == 4);
  for (const auto& item : fixture().at("chats").items()) {
    INFO(item.key());
    PromptTemplate t = promptTemplate(item.key());
    t.head = "";
    t.body = "{question}";
    Example example;
    example.id = "test/0";
    example.question = "What is 3 + 4?";
    const auto prompt = PromptBuilder(t, loadTokenizer(testing::embeddedModel())).build(example);
    CHECK(prompt.text == item.value().get<std::string>() + "\\boxed{");
  }
}

TEST_CASE("prompt: the families' markers are single tokens of their published tokenizers") {
  for (const auto& [name, marker] : {std::pair("qwen1.5", "<|im_start|>"),
                                     {"qwen2.5", "<|im_start|>"},
                                     {"qwen3", "<|im_start|>"},
                                     {"llama3.1", "<|start_header_id|>"}}) {
    const auto tokenizer = load(name);
    if (!tokenizer) continue;
    INFO(name);
    CHECK(tokenizer->encode(marker).size() == 1);
    CHECK(tokenizer->beginOfSequence().has_value() == (std::string(name) == "llama3.1"));
    CHECK(tokenizer->endOfSequence().size() == 1);
  }
}
