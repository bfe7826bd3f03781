#include "eval/policies/vote.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "grading/extract.h"
#include "grading/grader.h"

namespace polar {
namespace {

// A reference of the kind that the question's answers are: it decides what counts as an answer in the text.
const char* anyReference(const Example& example) { return example.options.empty() ? "0" : "A"; }

bool sameAnswer(const std::string& a, const std::string& b) {
  return a == b || gradeAnswer(a, b).verdict == Verdict::right;
}

}  // namespace

std::string answerIn(const std::string& text, const Example& example, bool boxOpen) {
  std::string answer = extractAnswer(text, anyReference(example), boxOpen).answer;
  if (example.options.empty()) return answer;
  const char letter = optionLetter(answer);
  const bool isOption = letter != 0 && static_cast<std::size_t>(letter - 'A') < example.options.size();
  return isOption ? std::string(1, letter) : "";
}

std::vector<int> partiesOf(std::span<const std::string> answers) {
  std::vector<std::string> different;  // of each party
  std::vector<int> parties;
  for (const std::string& answer : answers) {
    if (answer.empty()) {
      parties.push_back(-1);
      continue;
    }
    const auto known =
        std::ranges::find_if(different, [&](const std::string& each) { return sameAnswer(answer, each); });
    parties.push_back(static_cast<int>(known - different.begin()));
    if (known == different.end()) different.push_back(answer);
  }
  return parties;
}

double VoteCount::sureness() const {
  // P(share > 1/2) under Beta(votes + 1, against + 1) is the chance of at most `votes` heads in votes + against + 1.
  const int throws = votes + against + 1;
  double term = std::ldexp(1.0, -throws), sum = 0;
  for (int heads = 0; heads <= votes; ++heads) {
    sum += term;
    term *= static_cast<double>(throws - heads) / (heads + 1);
  }
  return sum;
}

VoteCount countVotes(std::span<const int> parties, std::span<const float> margins) {
  struct Party {
    int votes = 0;
    double margin = 0;
    std::size_t first = 0;
  };
  // Numbers may have gaps: those of runs that are not counted here.
  std::vector<Party> counts(static_cast<std::size_t>(std::max(0, *std::ranges::max_element(parties))) + 1);
  for (std::size_t i = parties.size(); i-- > 0;) {
    if (parties[i] < 0) continue;
    Party& party = counts[static_cast<std::size_t>(parties[i])];
    ++party.votes;
    party.first = i;
  }
  for (std::size_t i = 0; i < parties.size(); ++i)
    if (parties[i] >= 0) counts[static_cast<std::size_t>(parties[i])].margin += margins[i];
  const auto fewer = [](const Party& a, const Party& b) {
    if (a.votes != b.votes) return a.votes < b.votes;
    return a.margin != b.margin ? a.margin < b.margin : a.first > b.first;
  };
  const auto leader = std::ranges::max_element(counts, fewer);
  VoteCount count{leader->first, leader->votes, 0};
  for (auto party = counts.begin(); party != counts.end(); ++party)
    if (party != leader) count.against = std::max(count.against, party->votes);
  return count;
}

VoteCount countVotes(const Example& example, bool boxOpen, const std::vector<Outcome>& ran) {
  std::vector<std::string> answers;
  std::vector<float> margins;
  for (const Outcome& each : ran) {
    answers.push_back(answerIn(each.text, example, boxOpen));
    margins.push_back(each.margin);
  }
  return countVotes(partiesOf(answers), margins);
}

}  // namespace polar
