// Reads an HF folder: tokenizer.json and what the files beside it say about the tokenizer.
#include <algorithm>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>

#include "support/error.h"
#include "support/files.h"
#include "support/json.h"
#include "text/bpe_tokenizer.h"

namespace polar {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

// Ids index arrays, so a broken file must not ask for gigabytes. The largest vocabularies today have 262,144 tokens.
constexpr std::int64_t kMaxId = (1 << 24) - 1;
// A model's list of steps has two to five.
constexpr std::size_t kMostSteps = 64;
const char* const kMend = "only byte-level BPE tokenizers (SmolLM2, GPT-2, Llama 3, Qwen) can be read";

// A JSON value with its place in its file ("m/tokenizer.json: model.vocab"), so that every error can say where.
class Node {
 public:
  Node(const Json& json, std::string file, std::string path = "")
      : json_(&json), file_(std::move(file)), path_(std::move(path)) {}

  bool isNull() const { return json_->is_null(); }
  bool isObject() const { return json_->is_object(); }
  bool isArray() const { return json_->is_array(); }
  bool isText() const { return json_->is_string(); }
  std::size_t size() const { return json_->size(); }
  std::string where() const { return path_.empty() ? file_ : file_ + ": " + path_; }
  const std::string& file() const { return file_; }

  // null where the key is absent.
  Node operator[](const std::string& key) const {
    static const Json null;
    if (!json_->is_object()) fail("an object");
    const auto found = json_->find(key);
    return Node(found == json_->end() ? null : *found, file_, path_.empty() ? key : path_ + "." + key);
  }
  Node at(std::size_t index) const { return Node((*json_)[index], file_, path_ + "[" + std::to_string(index) + "]"); }
  const Json& object() const { return json_->is_object() ? *json_ : fail("an object"); }
  // An array's elements; none for null.
  std::vector<Node> elements() const {
    if (!isNull() && !isArray()) fail("a list");
    std::vector<Node> nodes;
    for (std::size_t i = 0; !isNull() && i < size(); ++i) nodes.push_back(at(i));
    return nodes;
  }
  const std::string& text() const {
    if (!json_->is_string()) fail("a string");
    return json_->get_ref<const std::string&>();
  }
  bool flag(bool fallback) const {
    if (json_->is_null()) return fallback;
    if (!json_->is_boolean()) fail("true or false");
    return json_->get<bool>();
  }
  TokenId id() const {
    if (!json_->is_number_integer()) fail("a token id");
    const bool huge = json_->is_number_unsigned() && json_->get<std::uint64_t>() > static_cast<std::uint64_t>(kMaxId);
    const auto value = huge ? -1 : json_->get<std::int64_t>();
    if (value < 0 || value > kMaxId) fail("a token id from 0 to " + std::to_string(kMaxId));
    return static_cast<TokenId>(value);
  }

  const Json& fail(const std::string& expected) const {
    std::string found = json_->is_null() ? "nothing" : json_->dump(-1, ' ', false, Json::error_handler_t::replace);
    if (found.size() > 80) found = std::string("a long ") + json_->type_name();
    throw InputError(where(), found, expected, kMend);
  }

 private:
  const Json* json_;
  std::string file_, path_;
};

Json parseFile(const fs::path& file) {
  return parseJson(readFile(file), file.string(), "a JSON file", "fetch the file again");
}

Json parseOptional(const fs::path& file) {
  std::error_code ignored;
  return fs::exists(file, ignored) ? parseFile(file) : Json::object();
}

void readVocabulary(const Node& vocab, BpeVocabulary& vocabulary) {
  for (const auto& item : vocab.object().items()) {
    const TokenId id = Node(item.value(), vocab.file(), "model.vocab." + item.key()).id();
    const auto index = static_cast<std::size_t>(id);
    if (index >= vocabulary.tokens.size()) vocabulary.tokens.resize(index + 1);
    if (!vocabulary.tokens[index].empty())
      throw InputError(vocab.where(), "id " + std::to_string(id) + " twice", "one id a token", kMend);
    vocabulary.tokens[index] = item.key();
  }
  if (vocabulary.tokens.empty()) vocab.fail("the tokens with their ids");
}

void readMerges(const Node& merges, BpeVocabulary& vocabulary) {
  if (!merges.isArray()) merges.fail("a list of merges");
  for (std::size_t i = 0; i < merges.size(); ++i) {
    const Node merge = merges.at(i);
    if (merge.isArray()) {
      if (merge.size() != 2) merge.fail("a pair of tokens");
      vocabulary.merges.emplace_back(merge.at(0).text(), merge.at(1).text());
      continue;
    }
    const std::string& pair = merge.text();
    if (pair.starts_with("#version")) continue;
    const std::size_t space = pair.find(' ');
    if (space == std::string::npos || pair.find(' ', space + 1) != std::string::npos)
      merge.fail("two tokens with a space between them");
    vocabulary.merges.emplace_back(pair.substr(0, space), pair.substr(space + 1));
  }
}

void requireAbsentText(const Node& option) {
  if (!option.isNull() && !option.text().empty()) option.fail("none");
}

void readModel(const Node& model, BpeDefinition& definition) {
  const Node type = model["type"];
  if (type.isNull() || type.text() != "BPE") type.fail("\"BPE\"");
  requireAbsentText(model["continuing_subword_prefix"]);
  requireAbsentText(model["end_of_word_suffix"]);
  if (model["byte_fallback"].flag(false)) model["byte_fallback"].fail("false");
  const Node dropout = model["dropout"];
  if (!dropout.isNull()) dropout.fail("null");
  readVocabulary(model["vocab"], definition.vocabulary);
  readMerges(model["merges"], definition.vocabulary);
  definition.vocabulary.ignoreMerges = model["ignore_merges"].flag(false);
  const Node unknown = model["unk_token"];
  if (unknown.isNull()) return;
  if (model["fuse_unk"].flag(false)) model["fuse_unk"].fail("false beside an unk_token");
  const auto& tokens = definition.vocabulary.tokens;
  const auto found = std::find(tokens.begin(), tokens.end(), unknown.text());
  if (found == tokens.end()) unknown.fail("a token of the vocabulary");
  definition.vocabulary.unknown = static_cast<TokenId>(found - tokens.begin());
}

void readAddedTokens(const Node& list, BpeDefinition& definition) {
  std::map<std::string_view, TokenId> known;
  const auto& tokens = definition.vocabulary.tokens;
  for (std::size_t id = 0; id < tokens.size(); ++id) known.emplace(tokens[id], static_cast<TokenId>(id));
  for (const Node& item : list.elements()) {
    AddedToken token{item["id"].id(),
                     item["content"].text(),
                     item["special"].flag(false),
                     item["normalized"].flag(false),
                     item["lstrip"].flag(false),
                     item["rstrip"].flag(false)};
    if (token.content.empty()) item["content"].fail("some text");
    if (item["single_word"].flag(false)) item["single_word"].fail("false");
    const auto found = known.find(token.content);
    const auto index = static_cast<std::size_t>(token.id);
    const bool taken = index < tokens.size() && !tokens[index].empty() && tokens[index] != token.content;
    if (taken || (found != known.end() && found->second != token.id))
      item.fail("the id that model.vocab gives to '" + token.content + "', and to no other token");
    definition.added.push_back(std::move(token));
  }
}

// The parts of a step of type Sequence, under this key.
std::vector<Node> partsOf(const Node& sequence, const std::string& key) {
  const Node parts = sequence[key];
  if (parts.isArray() && parts.size() > kMostSteps)
    throw InputError(parts.where(), std::to_string(parts.size()) + " steps", "at most " + std::to_string(kMostSteps),
                     kMend);
  return parts.elements();
}

void readNormalizer(const Node& normalizer, BpeDefinition& definition) {
  if (normalizer.isNull()) return;
  const std::string& type = normalizer["type"].text();
  if (type == "Sequence") {
    for (const Node& part : partsOf(normalizer, "normalizers")) readNormalizer(part, definition);
  } else if (type == "NFC") {
    definition.nfc = true;
  } else {
    normalizer["type"].fail("NFC or none");
  }
}

void readSplit(const Node& split, BpeDefinition& definition) {
  if (split["behavior"].text() != "Isolated") split["behavior"].fail("\"Isolated\"");
  if (split["invert"].flag(false)) split["invert"].fail("false");
  const Node expression = split["pattern"]["Regex"];
  SplitRule rule{};
  if (expression.isNull() || !splitRuleOf(expression.text(), rule))
    throw InputError(expression.where(), expression.isNull() ? "no regular expression" : "'" + expression.text() + "'",
                     "the split expression of Llama 3 or of Qwen2", kMend);
  definition.splits.push_back(rule);
}

// Returns whether a ByteLevel step was met.
bool readPreTokenizer(const Node& step, BpeDefinition& definition) {
  if (step.isNull()) return false;
  const std::string& type = step["type"].text();
  if (type == "Sequence") {
    bool byteLevel = false;
    for (const Node& part : partsOf(step, "pretokenizers")) {
      if (byteLevel) part.fail("nothing after ByteLevel");
      byteLevel = readPreTokenizer(part, definition);
    }
    return byteLevel;
  }
  if (type == "Digits") {
    if (!step["individual_digits"].flag(false)) step["individual_digits"].fail("true");
    definition.splits.push_back(SplitRule::digits);
  } else if (type == "Split") {
    readSplit(step, definition);
  } else if (type == "ByteLevel") {
    if (step["add_prefix_space"].flag(true)) step["add_prefix_space"].fail("false");
    if (step["use_regex"].flag(true)) definition.splits.push_back(SplitRule::gpt2);
    return true;
  } else {
    step["type"].fail("Digits, Split or ByteLevel");
  }
  return false;
}

// The id of a special token of a template; empty where the item is the text itself.
std::optional<TokenId> templateToken(const Node& step, const Node& item) {
  if (item["SpecialToken"].isNull()) return std::nullopt;
  const std::string& name = item["SpecialToken"]["id"].text();
  const auto ids = step["special_tokens"][name]["ids"].elements();
  if (ids.size() != 1) step["special_tokens"][name]["ids"].fail("one id");
  return ids[0].id();
}

// The special tokens that a post-processor puts before and after every text.
void readPostProcessor(const Node& step, BpeDefinition& definition) {
  if (step.isNull()) return;
  const std::string& type = step["type"].text();
  if (type == "Sequence") {
    for (const Node& part : partsOf(step, "processors")) readPostProcessor(part, definition);
  } else if (type == "TemplateProcessing") {
    const std::vector<Node> items = step["single"].elements();
    bool after = false;
    for (const Node& item : items) {
      const auto token = templateToken(step, item);
      auto& place = after ? definition.endOfText : definition.beginOfSequence;
      if (token && place) item.fail(after ? "one special token after the text" : "one special token before the text");
      if (token) place = token;
      after = after || !token;
    }
  } else if (type != "ByteLevel") {
    step["type"].fail("TemplateProcessing or ByteLevel");
  }
}

// The id of a token named in tokenizer_config.json, as text or as {"content": …}.
std::optional<TokenId> namedToken(const Node& token, const BpeDefinition& definition) {
  if (token.isNull()) return std::nullopt;
  const std::string& content = token.isText() ? token.text() : token["content"].text();
  for (const AddedToken& added : definition.added)
    if (added.content == content) return added.id;
  const auto& tokens = definition.vocabulary.tokens;
  const auto found = std::find(tokens.begin(), tokens.end(), content);
  if (found == tokens.end()) return std::nullopt;
  return static_cast<TokenId>(found - tokens.begin());
}

std::vector<TokenId> readEndOfSequence(const Node& eos) {
  if (eos.isNull()) return {};
  if (!eos.isArray()) return {eos.id()};
  std::vector<TokenId> ids;
  for (const Node& id : eos.elements()) ids.push_back(id.id());
  return ids;
}

std::string readChatTemplate(const fs::path& folder, const Node& settings) {
  std::error_code ignored;
  if (fs::exists(folder / "chat_template.jinja", ignored)) return readFile(folder / "chat_template.jinja");
  const Node chat = settings["chat_template"];
  if (chat.isNull()) return "";
  if (chat.isText()) return chat.text();
  for (const Node& named : chat.elements())
    if (named["name"].text() == "default") return named["template"].text();
  return "";
}

void readSettings(const fs::path& folder, BpeDefinition& definition) {
  const fs::path settingsFile = folder / "tokenizer_config.json";
  const Json settingsJson = parseOptional(settingsFile);
  const Node settings(settingsJson, settingsFile.string());
  definition.chatTemplate = readChatTemplate(folder, settings);
  if (!definition.beginOfSequence && settings["add_bos_token"].flag(false))
    definition.beginOfSequence = namedToken(settings["bos_token"], definition);

  for (const char* name : {"generation_config.json", "config.json"}) {
    const Json json = parseOptional(folder / name);
    definition.endOfSequence = readEndOfSequence(Node(json, (folder / name).string())["eos_token_id"]);
    if (!definition.endOfSequence.empty()) return;
  }
  if (const auto end = namedToken(settings["eos_token"], definition)) definition.endOfSequence = {*end};
}

}  // namespace

BpeDefinition readTokenizerJson(const fs::path& folder) {
  const fs::path file = folder / "tokenizer.json";
  std::error_code ignored;
  if (!fs::exists(file, ignored))
    throw InputError(folder.string(), "no tokenizer.json", "a Hugging Face model folder or a .gguf file",
                     "name the folder that holds config.json, tokenizer.json and the weights");
  const Json json = parseFile(file);
  const Node root(json, file.string());
  BpeDefinition definition;
  definition.where = file.string();
  definition.format = "tokenizer.json";
  readModel(root["model"], definition);
  readAddedTokens(root["added_tokens"], definition);
  readNormalizer(root["normalizer"], definition);
  if (!readPreTokenizer(root["pre_tokenizer"], definition))
    root["pre_tokenizer"].fail("a pre_tokenizer that ends in ByteLevel");
  readPostProcessor(root["post_processor"], definition);
  readSettings(folder, definition);
  return definition;
}

}  // namespace polar
