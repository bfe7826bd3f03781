#include "eval/policies/consensus.h"

#include <string>

#include "eval/policies/menu_table.h"
#include "eval/policies/vote.h"

namespace polar {

std::vector<float> consensusOf(const ExampleLabels& question, const std::vector<Program>& menu, bool boxOpen) {
  const auto evaluations = evaluationsOf(question);
  std::vector<std::string> answers;
  std::vector<float> margins;
  for (const Program& program : menu) {
    answers.push_back(answerIn(evaluations.at(program)->text, question.example, boxOpen));
    margins.push_back(evaluations.at(program)->margin);
  }
  const std::vector<int> parties = partiesOf(answers);
  const int leader = parties[countVotes(parties, margins).leader];
  std::vector<float> agrees;
  for (const int party : parties) agrees.push_back(party >= 0 && party == leader ? 1.0f : 0.0f);
  return agrees;
}

}  // namespace polar
