#include "eval/vote.h"

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

}  // namespace

std::size_t mostVoted(const std::vector<Outcome>& ran) {
  std::vector<Party> parties;
  for (std::size_t i = 0; i < ran.size(); ++i) {
    std::string answer = extractAnswer(ran[i].text, "0", true).answer;
    const auto same = [&](const Party& party) {
      return party.answer == answer || gradeAnswer(answer, party.answer).verdict == Verdict::right;
    };
    auto party = std::ranges::find_if(parties, same);
    if (party == parties.end()) party = parties.insert(party, {i, std::move(answer)});
    ++party->votes;
    party->margin += ran[i].margin;
  }
  const auto fewer = [](const Party& a, const Party& b) {
    return a.votes != b.votes ? a.votes < b.votes : a.margin < b.margin;
  };
  return std::ranges::max_element(parties, fewer)->first;
}

}  // namespace polar
