#include "text/bpe.h"

#include <queue>

#include "support/error.h"
#include "text/byte_level.h"

namespace polar {
namespace {

using IdByToken = std::unordered_map<std::string_view, TokenId>;

TokenId idOf(const IdByToken& ids, const std::string& token, std::size_t rank, const std::string& where) {
  const auto found = ids.find(token);
  if (found == ids.end())
    throw InputError(where + ": merge " + std::to_string(rank), "'" + token + "', which is no token",
                     "merges of tokens of the vocabulary that give a token of the vocabulary",
                     "vocabulary and merges do not belong together: fetch the tokenizer again");
  return found->second;
}

std::uint64_t pairKey(TokenId left, TokenId right) {
  return static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32 | static_cast<std::uint32_t>(right);
}

}  // namespace

struct Bpe::Symbol {
  TokenId id;
  int previous, next;   // -1 = none
  bool merged = false;  // into the one on its left
};

struct Bpe::Candidate {
  std::uint32_t rank;
  int left;
  TokenId result;
  // std::priority_queue gives the largest first.
  bool operator<(const Candidate& other) const { return rank != other.rank ? rank > other.rank : left > other.left; }
};

Bpe::Bpe(const BpeVocabulary& vocabulary, const std::string& where) : unknown_(vocabulary.unknown) {
  IdByToken ids;
  for (std::size_t id = 0; id < vocabulary.tokens.size(); ++id)
    if (!vocabulary.tokens[id].empty()) ids.emplace(vocabulary.tokens[id], static_cast<TokenId>(id));
  for (int byte = 0; byte < 256; ++byte) {
    const auto found = ids.find(byteCharacter(static_cast<unsigned char>(byte)));
    byteIds_[static_cast<std::size_t>(byte)] = found == ids.end() ? -1 : found->second;
  }
  merges_.reserve(vocabulary.merges.size());
  for (std::size_t rank = 0; rank < vocabulary.merges.size(); ++rank) {
    const auto& [left, right] = vocabulary.merges[rank];
    const std::uint64_t key = pairKey(idOf(ids, left, rank, where), idOf(ids, right, rank, where));
    merges_[key] = {static_cast<std::uint32_t>(rank), idOf(ids, left + right, rank, where)};
  }
  if (!vocabulary.ignoreMerges) return;
  for (const auto& [token, id] : ids)
    if (const auto bytes = bytesOf(token)) words_.emplace(*bytes, id);
}

const Bpe::Merge* Bpe::find(TokenId left, TokenId right) const {
  const auto found = merges_.find(pairKey(left, right));
  return found == merges_.end() ? nullptr : &found->second;
}

std::vector<Bpe::Symbol> Bpe::symbolsOf(std::string_view word) const {
  std::vector<Symbol> symbols;
  symbols.reserve(word.size());
  for (const char c : word) {
    TokenId id = byteIds_[static_cast<unsigned char>(c)];
    if (id < 0) id = unknown_.value_or(-1);
    if (id < 0) continue;
    const int at = static_cast<int>(symbols.size());
    if (at > 0) symbols.back().next = at;
    symbols.push_back({id, at - 1, -1});
  }
  return symbols;
}

void Bpe::mergeAll(std::vector<Symbol>& symbols) const {
  std::priority_queue<Candidate> queue;
  const auto offer = [&](int left) {
    if (left < 0) return;
    const int right = symbols[static_cast<std::size_t>(left)].next;
    if (right < 0) return;
    const Merge* merge = find(symbols[static_cast<std::size_t>(left)].id, symbols[static_cast<std::size_t>(right)].id);
    if (merge) queue.push({merge->rank, left, merge->result});
  };
  for (std::size_t i = 0; i + 1 < symbols.size(); ++i) offer(static_cast<int>(i));
  while (!queue.empty()) {
    const Candidate best = queue.top();
    queue.pop();
    Symbol& left = symbols[static_cast<std::size_t>(best.left)];
    if (left.merged || left.next < 0) continue;
    Symbol& right = symbols[static_cast<std::size_t>(left.next)];
    const Merge* merge = find(left.id, right.id);
    if (!merge || merge->result != best.result) continue;  // a neighbour has changed since
    left.id = best.result;
    left.next = right.next;
    right.merged = true;
    if (left.next >= 0) symbols[static_cast<std::size_t>(left.next)].previous = best.left;
    offer(left.previous);
    offer(best.left);
  }
}

void Bpe::encode(std::string_view word, std::vector<TokenId>& ids) const {
  if (!words_.empty())
    if (const auto whole = words_.find(std::string(word)); whole != words_.end()) {
      ids.push_back(whole->second);
      return;
    }
  std::vector<Symbol> symbols = symbolsOf(word);
  mergeAll(symbols);
  for (const Symbol& symbol : symbols)
    if (!symbol.merged) ids.push_back(symbol.id);
}

}  // namespace polar
