// Cuts text into the words that byte-pair merges may not cross.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace polar {

// One step of an HF pre_tokenizer. The expressions are HF's, scanned by hand.
enum class SplitRule {
  digits,  // Digits(individual_digits=true): every digit alone
  gpt2,    // ByteLevel(use_regex=true):
           //   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
  llama3,  // (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|
           //   \s*[\r\n]+|\s+(?!\S)|\s+
  qwen2,   // the same with single digits: \p{N}
};

// The rule of an HF `Split` expression, written exactly as the families' tokenizer.json do; false where it is unknown.
bool splitRuleOf(std::string_view expression, SplitRule& rule);

std::string ruleName(SplitRule rule);

// Applies the rules one after another, each inside the pieces of the one before. The pieces, joined, are the text.
std::vector<std::string_view> splitWords(std::string_view text, const std::vector<SplitRule>& rules);

}  // namespace polar
