#include "data/near_duplicates.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <unordered_map>
#include <unordered_set>

#include "data/reader.h"

namespace polar {
namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isLetter(char c) { return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80; }
bool isLeftOut(char c) { return c == ' ' || std::string_view(".,?!'\"$").find(c) != std::string_view::npos; }

// Where the number that begins at `at` ends: digits, with points and commas between them.
std::size_t numberEnd(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && (isDigit(text[end]) || ((text[end] == '.' || text[end] == ',') && end + 1 < text.size() &&
                                                      isDigit(text[end + 1]))))
    ++end;
  return end;
}

// Longer words are rarer, as a rule; the order only has to be the same for all.
bool rarer(const std::string& a, const std::string& b) { return a.size() != b.size() ? a.size() > b.size() : a < b; }

// Least words in common that a set of `size` words must have with any other to reach the share.
std::size_t leastCommon(std::size_t size, double share) {
  return static_cast<std::size_t>(std::ceil(share * static_cast<double>(size) - 1e-9));
}

// The questions so far, to be asked whether another is a near-duplicate of one of them.
class Questions {
 public:
  // What of a question is compared.
  struct Compared {
    std::string text;
    std::vector<std::string> words;  // none where the rule does not look at them
  };

  explicit Questions(const NearDuplicateRule& rule) : rule_(rule) {}

  Compared compared(const Example& example) const {
    return {comparedText(example, rule_.maskNumbers),
            rule_.jaccard > 0 ? comparedWords(example) : std::vector<std::string>()};
  }

  void add(Compared question) {
    texts_.insert(std::move(question.text));
    for (std::size_t i = 0; i < telling(question.words.size()); ++i)
      byWord_[question.words[i]].push_back(words_.size());
    words_.push_back(std::move(question.words));
  }

  bool holds(const Compared& question) const {
    if (texts_.contains(question.text)) return true;
    for (std::size_t i = 0; i < telling(question.words.size()); ++i) {
      const auto found = byWord_.find(question.words[i]);
      if (found == byWord_.end()) continue;
      for (const std::size_t other : found->second)
        if (isNear(question.words, words_[other])) return true;
    }
    return false;
  }

 private:
  // Two sets that share enough words share one of their rarest: so many of them have to be looked at (prefix filter,
  // Chaudhuri et al., ICDE 2006).
  std::size_t telling(std::size_t words) const {
    return words == 0 ? 0 : words - leastCommon(words, rule_.jaccard) + 1;
  }

  bool isNear(const std::vector<std::string>& a, const std::vector<std::string>& b) const {
    std::vector<std::string> common;
    std::ranges::set_intersection(a, b, std::back_inserter(common), rarer);
    const std::size_t all = a.size() + b.size() - common.size();
    return common.size() >= leastCommon(all, rule_.jaccard);
  }

  NearDuplicateRule rule_;
  std::unordered_set<std::string> texts_;
  std::vector<std::vector<std::string>> words_;                       // of each question
  std::unordered_map<std::string, std::vector<std::size_t>> byWord_;  // its rarest words → questions
};

// Keeps what `keeps` says, asked in order.
std::vector<std::string> removeUnless(std::vector<Example>& examples,
                                      const std::function<bool(const Example&)>& keeps) {
  std::vector<std::string> removed;
  std::vector<Example> kept;
  for (Example& example : examples) {
    if (keeps(example))
      kept.push_back(std::move(example));
    else
      removed.push_back(std::move(example.id));
  }
  examples = std::move(kept);
  return removed;
}

}  // namespace

std::string comparedText(const Example& example, bool mask) {
  std::string whole = example.question;
  for (const std::string& option : example.options) whole += "\n" + option;
  whole = normalisedQuestion(whole);
  if (!mask) return whole;
  std::string text;
  for (std::size_t at = 0; at < whole.size();) {
    if (isDigit(whole[at])) {
      text += '#';
      at = numberEnd(whole, at);
    } else {
      text += whole[at++];
    }
  }
  return text;
}

std::vector<std::string> comparedWords(const Example& example) {
  const std::string text = comparedText(example, /*mask=*/false);
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    if (isDigit(text[at])) {
      at = numberEnd(text, at);
      continue;
    }
    while (at < text.size() && isLetter(text[at])) ++at;
    if (at > begin)
      words.push_back(text.substr(begin, at - begin));
    else if (!isLeftOut(text[at++]))
      words.push_back(text.substr(begin, 1));
  }
  std::ranges::sort(words, rarer);
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

std::vector<std::string> removeLeaks(std::vector<Example>& train, const std::vector<Example>& held,
                                     const NearDuplicateRule& rule) {
  Questions questions(rule);
  for (const Example& example : held) questions.add(questions.compared(example));
  return removeUnless(train, [&](const Example& example) { return !questions.holds(questions.compared(example)); });
}

std::vector<std::string> removeRepeats(std::vector<Example>& examples, const NearDuplicateRule& rule) {
  Questions questions(rule);
  return removeUnless(examples, [&](const Example& example) {
    Questions::Compared question = questions.compared(example);
    if (questions.holds(question)) return false;
    questions.add(std::move(question));
    return true;
  });
}

}  // namespace polar
