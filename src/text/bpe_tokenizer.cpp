#include "text/bpe_tokenizer.h"

#include <algorithm>
#include <string_view>

#include "support/hash.h"
#include "text/byte_level.h"
#include "text/unicode.h"

namespace polar {
namespace {

AddedTokens addedTokens(const BpeDefinition& definition, bool normalized) {
  std::vector<AddedToken> chosen;
  for (AddedToken token : definition.added) {
    if (token.normalized != normalized) continue;
    if (normalized && definition.nfc) token.content = toNfc(token.content);
    chosen.push_back(std::move(token));
  }
  return AddedTokens(std::move(chosen));
}

std::vector<std::string> bytesById(const BpeDefinition& definition) {
  std::vector<std::string> bytes;
  for (const std::string& token : definition.vocabulary.tokens) bytes.push_back(bytesOf(token).value_or(token));
  for (const AddedToken& token : definition.added) {
    const auto id = static_cast<std::size_t>(token.id);
    if (id >= bytes.size()) bytes.resize(id + 1);
    bytes[id] = token.special ? "" : token.content;
  }
  return bytes;
}

std::string describe(const BpeDefinition& definition, std::size_t tokens) {
  std::string splits;
  for (const SplitRule rule : definition.splits) splits += (splits.empty() ? "" : " + ") + ruleName(rule);
  return "bpe, " + (splits.empty() ? "no" : splits) + " split, " + (definition.nfc ? "nfc, " : "") + definition.format +
         ", " + std::to_string(tokens) + " tokens";
}

// Every value with its length before it, so that no two definitions give the same bytes.
std::string fingerprintOf(const BpeDefinition& definition) {
  std::string all;
  const auto add = [&all](std::string_view value) {
    all += std::to_string(value.size()) + ":";
    all += value;
  };
  const auto addNumber = [&add](long long value) { add(std::to_string(value)); };
  addNumber(static_cast<long long>(definition.vocabulary.tokens.size()));
  for (const std::string& token : definition.vocabulary.tokens) add(token);
  addNumber(static_cast<long long>(definition.vocabulary.merges.size()));
  for (const auto& [left, right] : definition.vocabulary.merges) {
    add(left);
    add(right);
  }
  addNumber(definition.vocabulary.unknown.value_or(-1));
  addNumber(definition.vocabulary.ignoreMerges);
  addNumber(static_cast<long long>(definition.added.size()));
  for (const AddedToken& token : definition.added) {
    addNumber(token.id);
    add(token.content);
    addNumber(token.special + 2 * token.normalized + 4 * token.lstrip + 8 * token.rstrip);
  }
  for (const SplitRule rule : definition.splits) add(ruleName(rule));
  addNumber(definition.nfc);
  for (const TokenId id : definition.endOfSequence) addNumber(id);
  addNumber(definition.beginOfSequence.value_or(-1));
  if (definition.endOfText) addNumber(*definition.endOfText);
  return sha256(all);
}

}  // namespace

BpeTokenizer::BpeTokenizer(const BpeDefinition& definition)
    : bpe_(definition.vocabulary, definition.where), raw_(addedTokens(definition, false)),
      normalized_(addedTokens(definition, true)), splits_(definition.splits), nfc_(definition.nfc),
      bytes_(bytesById(definition)), endOfSequence_(definition.endOfSequence),
      beginOfSequence_(definition.beginOfSequence), endOfText_(definition.endOfText),
      chatTemplate_(definition.chatTemplate), description_(describe(definition, bytes_.size())),
      fingerprint_(fingerprintOf(definition)) {
  std::sort(endOfSequence_.begin(), endOfSequence_.end());
  endOfSequence_.erase(std::unique(endOfSequence_.begin(), endOfSequence_.end()), endOfSequence_.end());
}

void BpeTokenizer::encodeOrdinary(std::string_view text, std::vector<TokenId>& ids) const {
  for (const auto& section : normalized_.split(text)) {
    if (section.id >= 0) {
      ids.push_back(section.id);
      continue;
    }
    for (const std::string_view word : splitWords(section.text, splits_)) bpe_.encode(word, ids);
  }
}

std::vector<TokenId> BpeTokenizer::encode(std::string_view text) const {
  std::vector<TokenId> ids;
  for (const auto& section : raw_.split(text)) {
    if (section.id >= 0)
      ids.push_back(section.id);
    else if (nfc_)
      encodeOrdinary(toNfc(section.text), ids);
    else
      encodeOrdinary(section.text, ids);
  }
  return ids;
}

std::string BpeTokenizer::decode(std::span<const TokenId> ids) const {
  std::string text;
  for (const TokenId id : ids)
    if (id >= 0 && static_cast<std::size_t>(id) < bytes_.size()) text += bytes_[static_cast<std::size_t>(id)];
  return text;
}

}  // namespace polar
