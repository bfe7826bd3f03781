#include "eval/policies/run_table.h"

#include <algorithm>

#include "eval/policies/vote.h"

namespace polar {

RunTable::RunTable(const std::vector<ExampleLabels>& labels, int depth, bool boxOpen, const std::string& who)
    : labels_(labels), table_(menuTable(labels, depth, who)) {
  for (std::size_t q = 0; q < labels.size(); ++q) {
    std::vector<std::string> answers;
    std::vector<AnswerForm>& forms = forms_.emplace_back();
    for (const std::vector<MenuCell>& cells : table_.cells) {
      answers.push_back(answerIn(*cells[q].text, labels[q].example, boxOpen));
      forms.push_back(answerForm(answers.back()));
    }
    parties_.push_back(partiesOf(answers));
  }
}

int RunTable::layers(const Order& order, std::size_t runs) const {
  std::vector<Program> programs;
  for (std::size_t i = 0; i < runs; ++i) programs.push_back(table_.menu[order[i]]);
  return distinctLayers(std::move(programs));
}

double RunTable::cost(const Order& order, std::size_t runs, int layers, std::size_t question) const {
  std::int64_t tokens = layers * table_.promptTokens[question];
  for (std::size_t i = 0; i < runs; ++i) tokens += cell(order[i], question).decodeLayerTokens;
  return static_cast<double>(tokens);
}

double RunTable::standardCost(std::size_t question) const {
  return cost({table_.standard}, 1, table_.menu[table_.standard].executed(), question);
}

double RunTable::meanStandardCost(const std::vector<std::size_t>& questions) const {
  double sum = 0;
  for (const std::size_t q : questions) sum += standardCost(q);
  return std::max(1.0, sum / static_cast<double>(std::max<std::size_t>(1, questions.size())));
}

}  // namespace polar
