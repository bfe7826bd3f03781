// The byte-level BPE tokenizer, put together from what a file says.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "text/added_tokens.h"
#include "text/bpe.h"
#include "text/pre_tokenizer.h"
#include "text/tokenizer.h"

namespace polar {

// All that a tokenizer.json or a GGUF says about one tokenizer.
struct BpeDefinition {
  std::string where;   // the file, for errors
  std::string format;  // "tokenizer.json" | "GGUF"
  BpeVocabulary vocabulary;
  std::vector<AddedToken> added;  // their ids may lie outside the vocabulary
  std::vector<SplitRule> splits;
  bool nfc = false;
  std::vector<TokenId> endOfSequence;
  std::optional<TokenId> beginOfSequence, endOfText;
  std::string chatTemplate;
};

BpeDefinition readTokenizerJson(const std::filesystem::path& folder);
BpeDefinition readGgufTokenizer(const std::filesystem::path& file);

class BpeTokenizer final : public Tokenizer {
 public:
  explicit BpeTokenizer(const BpeDefinition& definition);

  std::vector<TokenId> encode(std::string_view text) const override;
  std::string decode(std::span<const TokenId> ids) const override;
  const std::vector<TokenId>& endOfSequence() const override { return endOfSequence_; }
  std::optional<TokenId> beginOfSequence() const override { return beginOfSequence_; }
  std::optional<TokenId> endOfText() const override { return endOfText_; }
  int vocabularySize() const override { return static_cast<int>(bytes_.size()); }
  std::string description() const override { return description_; }
  const std::string& fingerprint() const override { return fingerprint_; }
  const std::string& chatTemplate() const override { return chatTemplate_; }

 private:
  void encodeOrdinary(std::string_view text, std::vector<TokenId>& ids) const;

  Bpe bpe_;
  AddedTokens raw_, normalized_;  // looked for before and after normalisation
  std::vector<SplitRule> splits_;
  bool nfc_;
  std::vector<std::string> bytes_;  // by id; "" for special tokens and holes
  std::vector<TokenId> endOfSequence_;
  std::optional<TokenId> beginOfSequence_, endOfText_;
  std::string chatTemplate_, description_, fingerprint_;
};

}  // namespace polar
