// Reads the tokenizer out of a GGUF file's metadata.
#include <map>

#include "support/error.h"
#include "text/bpe_tokenizer.h"
#include "weights/gguf.h"

namespace polar {
namespace {

// What a name in tokenizer.ggml.pre means; the file does not say the rest, so it is here, as llama.cpp has it.
struct PreTokenizerKind {
  std::vector<SplitRule> splits;
  bool nfc = false, ignoreMerges = false, beginOfSequence = false;
};

const std::map<std::string, PreTokenizerKind>& preTokenizerKinds() {
  const PreTokenizerKind digitsGpt2{{SplitRule::digits, SplitRule::gpt2}};
  const PreTokenizerKind gpt2{{SplitRule::gpt2}};
  const PreTokenizerKind llama3{{SplitRule::llama3}, false, true, true};
  const PreTokenizerKind qwen2{{SplitRule::qwen2}, true};
  static const std::map<std::string, PreTokenizerKind> kinds = {
      {"smollm", digitsGpt2}, {"starcoder", digitsGpt2},   {"refact", digitsGpt2},
      {"gpt-2", gpt2},        {"default", gpt2},  // as HF transformers reads such a file
      {"llama-bpe", llama3},  {"llama3", llama3},          {"llama-v3", llama3},
      {"qwen2", qwen2},       {"deepseek-r1-qwen", qwen2},
  };
  return kinds;
}

const PreTokenizerKind& preTokenizerKind(const GgufFile& file) {
  const std::string key = "tokenizer.ggml.pre";
  const std::string& name = file.text(key);
  const auto found = preTokenizerKinds().find(name);
  if (found != preTokenizerKinds().end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [known, kind] : preTokenizerKinds()) names.push_back(known);
  throw InputError(file.path().string() + ": " + key, "'" + name + "'", "one of " + joinNames(names),
                   "use the model's Hugging Face folder, or convert it anew");
}

TokenId tokenId(const GgufFile& file, const std::string& key, std::size_t tokens) {
  const std::int64_t id = file.integer(key);
  if (id < 0 || static_cast<std::uint64_t>(id) >= tokens)
    throw InputError(file.path().string() + ": " + key, std::to_string(id),
                     "an id below the vocabulary's " + std::to_string(tokens));
  return static_cast<TokenId>(id);
}

void readMerges(const GgufFile& file, BpeVocabulary& vocabulary) {
  const std::string key = "tokenizer.ggml.merges";
  for (const std::string& merge : file.texts(key)) {
    const std::size_t space = merge.find(' ', 1);
    if (space == std::string::npos)
      throw InputError(file.path().string() + ": " + key, "'" + merge + "'", "two tokens with a space between them");
    vocabulary.merges.emplace_back(merge.substr(0, space), merge.substr(space + 1));
  }
}

// Token types of ggml: 1 normal, 2 unknown, 3 control, 4 user defined, 5 unused, 6 byte.
void readTokenTypes(const GgufFile& file, BpeDefinition& definition) {
  const std::string key = "tokenizer.ggml.token_type";
  const auto& types = file.integers(key);
  const auto& tokens = definition.vocabulary.tokens;
  if (types.size() != tokens.size())
    throw InputError(file.path().string() + ": " + key, std::to_string(types.size()) + " types",
                     "one for each of the " + std::to_string(tokens.size()) + " tokens");
  for (std::size_t id = 0; id < types.size(); ++id)
    if ((types[id] == 3 || types[id] == 4) && !tokens[id].empty())
      definition.added.push_back({static_cast<TokenId>(id), tokens[id], types[id] == 3});
}

}  // namespace

BpeDefinition readGgufTokenizer(const std::filesystem::path& path) {
  const GgufFile file(path);
  const std::string& model = file.text("tokenizer.ggml.model");
  if (model != "gpt2")
    throw InputError(path.string() + ": tokenizer.ggml.model", "'" + model + "'", "'gpt2' (byte-level BPE)",
                     "only byte-level BPE tokenizers (SmolLM2, GPT-2, Llama 3, Qwen) can be read");
  const PreTokenizerKind& kind = preTokenizerKind(file);
  BpeDefinition definition;
  definition.where = path.string();
  definition.format = "GGUF";
  definition.splits = kind.splits;
  definition.nfc = kind.nfc;
  definition.vocabulary.ignoreMerges = kind.ignoreMerges;
  definition.vocabulary.tokens = file.texts("tokenizer.ggml.tokens");
  readMerges(file, definition.vocabulary);
  readTokenTypes(file, definition);

  const std::size_t tokens = definition.vocabulary.tokens.size();
  for (const char* key : {"tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"})
    if (file.hasKey(key)) definition.endOfSequence.push_back(tokenId(file, key, tokens));
  const std::string addBegin = "tokenizer.ggml.add_bos_token";
  if (file.hasKey(addBegin) ? file.flag(addBegin) : kind.beginOfSequence)
    definition.beginOfSequence = tokenId(file, "tokenizer.ggml.bos_token_id", tokens);
  const std::string addEnd = "tokenizer.ggml.add_eos_token";
  if (file.hasKey(addEnd) && file.flag(addEnd))
    definition.endOfText = tokenId(file, "tokenizer.ggml.eos_token_id", tokens);
  if (file.hasKey("tokenizer.chat_template")) definition.chatTemplate = file.text("tokenizer.chat_template");
  return definition;
}

}  // namespace polar
