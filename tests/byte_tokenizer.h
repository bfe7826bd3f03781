// For tiny checkpoints, which have no tokenizer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "text/prompt.h"

namespace polar::testing {

// A token a byte: enough to ask for hidden states.
class ByteTokenizer final : public Tokenizer {
 public:
  explicit ByteTokenizer(int vocabulary, std::optional<TokenId> begin = {}, std::optional<TokenId> endOfText = {})
      : vocabulary_(vocabulary), begin_(begin), endOfText_(endOfText) {}
  std::vector<TokenId> encode(std::string_view text) const override {
    std::vector<TokenId> ids;
    for (const char c : text) ids.push_back(static_cast<unsigned char>(c) % vocabulary_);
    return ids;
  }
  std::string decode(std::span<const TokenId>) const override { return ""; }
  const std::vector<TokenId>& endOfSequence() const override { return end_; }
  std::optional<TokenId> beginOfSequence() const override { return begin_; }
  std::optional<TokenId> endOfText() const override { return endOfText_; }
  int vocabularySize() const override { return vocabulary_; }
  std::string description() const override { return "bytes"; }
  const std::string& fingerprint() const override { return none_; }
  const std::string& chatTemplate() const override { return none_; }

 private:
  int vocabulary_;
  std::optional<TokenId> begin_, endOfText_;
  std::vector<TokenId> end_;
  std::string none_;
};

}  // namespace polar::testing
