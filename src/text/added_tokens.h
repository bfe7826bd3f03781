// Tokens that are found in the text before anything else looks at it: <|im_start|> and its like.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "text/tokenizer.h"

namespace polar {

struct AddedToken {
  TokenId id = 0;
  std::string content;      // not empty
  bool special = false;     // left out by decode()
  bool normalized = false;  // looked for in the normalised text, after the others
  bool lstrip = false;      // also takes the white space before it
  bool rstrip = false;      // and after it
};

// Immutable. Finds non-overlapping matches from left to right, the longest at each place (HF's AddedVocabulary).
class AddedTokens {
 public:
  struct Section {
    std::string_view text;
    TokenId id = -1;  // of the added token, or -1: ordinary text
  };

  explicit AddedTokens(std::vector<AddedToken> tokens);

  // The sections, joined, are the text; none is empty.
  std::vector<Section> split(std::string_view text) const;

 private:
  const AddedToken* match(std::string_view text) const;

  std::array<std::vector<AddedToken>, 256> byFirstByte_;  // longest first
};

}  // namespace polar
