#include "eval/policies/vote.h"

#include <algorithm>
#include <string>

#include "grading/extract.h"
#include "grading/grader.h"

namespace polar {
namespace {

struct Party {
  std::size_t first;  // of its runs
  std::string answer;
  int votes = 0;
  double margin = 0;
};

// A reference of the kind that the question's answers are: it decides what counts as an answer in the text.
const char* anyReference(const Example& example) { return example.options.empty() ? "0" : "A"; }

// Empty: the run gives none.
std::string answerIn(const std::string& text, const Example& example, bool boxOpen) {
  std::string answer = extractAnswer(text, anyReference(example), boxOpen).answer;
  if (example.options.empty()) return answer;
  const char letter = optionLetter(answer);
  const bool isOption = letter != 0 && static_cast<std::size_t>(letter - 'A') < example.options.size();
  return isOption ? std::string(1, letter) : "";
}

bool sameAnswer(const std::string& a, const std::string& b) {
  return a == b || gradeAnswer(a, b).verdict == Verdict::right;
}

}  // namespace

std::size_t mostVoted(const Example& example, bool boxOpen, const std::vector<Outcome>& ran) {
  std::vector<Party> parties;
  for (std::size_t i = 0; i < ran.size(); ++i) {
    std::string answer = answerIn(ran[i].text, example, boxOpen);
    if (answer.empty()) continue;
    auto party = std::ranges::find_if(parties, [&](const Party& each) { return sameAnswer(answer, each.answer); });
    if (party == parties.end()) party = parties.insert(party, {i, std::move(answer)});
    ++party->votes;
    party->margin += ran[i].margin;
  }
  if (parties.empty()) return 0;
  const auto fewer = [](const Party& a, const Party& b) {
    return a.votes != b.votes ? a.votes < b.votes : a.margin < b.margin;
  };
  return std::ranges::max_element(parties, fewer)->first;
}

}  // namespace polar
