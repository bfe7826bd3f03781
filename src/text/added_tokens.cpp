#include "text/added_tokens.h"

#include <algorithm>

#include "text/unicode.h"

namespace polar {
namespace {

std::size_t trailingSpace(std::string_view text) {
  const auto all = characters(text);
  auto first = all.end();
  while (first != all.begin() && (first - 1)->type == CharClass::space) --first;
  return first == all.end() ? 0 : text.size() - first->offset;
}

std::size_t leadingSpace(std::string_view text) {
  for (const Character& c : characters(text))
    if (c.type != CharClass::space) return c.offset;
  return text.size();
}

}  // namespace

AddedTokens::AddedTokens(std::vector<AddedToken> tokens) {
  for (AddedToken& token : tokens) {
    const auto first = static_cast<unsigned char>(token.content.front());
    byFirstByte_[first].push_back(std::move(token));
  }
  for (auto& bucket : byFirstByte_)
    std::stable_sort(bucket.begin(), bucket.end(),
                     [](const AddedToken& a, const AddedToken& b) { return a.content.size() > b.content.size(); });
}

const AddedToken* AddedTokens::match(std::string_view text) const {
  for (const AddedToken& token : byFirstByte_[static_cast<unsigned char>(text.front())])
    if (text.starts_with(token.content)) return &token;
  return nullptr;
}

std::vector<AddedTokens::Section> AddedTokens::split(std::string_view text) const {
  std::vector<Section> sections;
  std::size_t done = 0;
  for (std::size_t at = 0; at < text.size();) {
    const AddedToken* token = match(text.substr(at));
    if (!token) {
      ++at;
      continue;
    }
    std::size_t begin = at, end = at + token->content.size();
    at = end;
    // The token before may have taken white space of this one's, or its first characters.
    if (token->lstrip && done < begin) begin -= trailingSpace(text.substr(done, begin - done));
    if (token->rstrip) end += leadingSpace(text.substr(end));
    begin = std::max(begin, done);
    if (done < begin) sections.push_back({text.substr(done, begin - done)});
    if (begin < end) sections.push_back({text.substr(begin, end - begin), token->id});
    done = std::max(done, end);
  }
  if (done < text.size()) sections.push_back({text.substr(done)});
  return sections;
}

}  // namespace polar
