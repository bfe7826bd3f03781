// Byte-level BPE tokenizers: HF tokenizer.json (SmolLM2/GPT-2 split, Llama 3, Qwen) and GGUF's embedded vocabulary.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace polar {

using TokenId = std::int32_t;

// Immutable and thread-safe.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  // Ids equal to HF `tokenizers` encode(text, add_special_tokens=False). Added tokens in the text (<|im_start|>) become
  // their single id. Takes any bytes: what is not valid UTF-8 is split like punctuation.
  virtual std::vector<TokenId> encode(std::string_view text) const = 0;

  // The bytes of the ids, special tokens and ids outside the vocabulary left out. May end inside a UTF-8 character.
  virtual std::string decode(std::span<const TokenId> ids) const = 0;

  // Ids that end generation (eos_token_id of generation_config.json/config.json, or GGUF's eos), sorted.
  virtual const std::vector<TokenId>& endOfSequence() const = 0;
  // The token that the model wants before every text, where its tokenizer adds one.
  virtual std::optional<TokenId> beginOfSequence() const = 0;
  // What its tokenizer adds after every text: embedding models
  // read their answer from it. Not a prompt's, which goes on.
  virtual std::optional<TokenId> endOfText() const { return std::nullopt; }

  virtual int vocabularySize() const = 0;
  // "bpe, tokenizer.json, 49152 tokens": for `polar model`.
  virtual std::string description() const = 0;
  // SHA-256 over what decides the ids.
  virtual const std::string& fingerprint() const = 0;
  // The model's own Jinja chat template, or "".
  virtual const std::string& chatTemplate() const = 0;
};

// From an HF folder (tokenizer.json) or a .gguf file. Anything that is not byte-level BPE of a known split is refused
// by name with InputError.
std::shared_ptr<const Tokenizer> loadTokenizer(const std::filesystem::path& model);

}  // namespace polar
