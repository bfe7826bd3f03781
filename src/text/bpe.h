// Byte-pair merges: the ids of one word.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "text/tokenizer.h"

namespace polar {

struct BpeVocabulary {
  std::vector<std::string> tokens;                          // by id, in the byte alphabet; "" = no such id
  std::vector<std::pair<std::string, std::string>> merges;  // by rank
  std::optional<TokenId> unknown;                           // for a byte outside the vocabulary; without it such bytes
                                                            // are dropped, as HF does
  bool ignoreMerges = false;                                // a word that is a token is that token
};

// Immutable and thread-safe.
class Bpe {
 public:
  // where: names the file in errors. Throws InputError where a merge's parts or result are no tokens.
  Bpe(const BpeVocabulary& vocabulary, const std::string& where);

  // Appends the ids of a word (bytes). The pair of lowest rank is merged first, the leftmost among equals:
  // O(n log n) for n bytes.
  void encode(std::string_view word, std::vector<TokenId>& ids) const;

 private:
  struct Merge {
    std::uint32_t rank;
    TokenId result;
  };
  struct Symbol;
  struct Candidate;

  const Merge* find(TokenId left, TokenId right) const;
  std::vector<Symbol> symbolsOf(std::string_view word) const;
  void mergeAll(std::vector<Symbol>& symbols) const;

  std::array<TokenId, 256> byteIds_;                 // -1 = not in the vocabulary
  std::unordered_map<std::uint64_t, Merge> merges_;  // key: left id, right id
  std::unordered_map<std::string, TokenId> words_;   // bytes → id; only with ignoreMerges
  std::optional<TokenId> unknown_;
};

}  // namespace polar
