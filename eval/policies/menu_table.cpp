#include "eval/policies/menu_table.h"

#include <algorithm>

#include "eval/policies/program_ranking.h"
#include "support/error.h"

namespace polar {

std::unordered_map<Program, const Evaluation*> evaluationsOf(const ExampleLabels& question) {
  std::unordered_map<Program, const Evaluation*> evaluations;
  for (const LabelledProgram& labelled : question.programs)
    if (!labelled.isSample()) evaluations.try_emplace(labelled.program, &labelled.evaluation);
  return evaluations;
}

MenuTable menuTable(const std::vector<ExampleLabels>& labels, int depth, const std::string& who) {
  MenuTable table;
  table.menu = rankPrograms(labels);
  const auto standard = std::ranges::find(table.menu, Program::standard(depth));
  if (table.menu.size() < 2 || standard == table.menu.end())
    throw InputError(who, "no program beside the standard one that was run on every labelled question",
                     "labels of a search that runs the same programs on all",
                     "use search.strategy enumerate or menu, with a budget that does not cut them short");
  table.standard = static_cast<std::size_t>(standard - table.menu.begin());
  table.cells.resize(table.menu.size());
  for (const ExampleLabels& example : labels) {
    const auto evaluations = evaluationsOf(example);
    for (std::size_t i = 0; i < table.menu.size(); ++i) {
      const Evaluation& evaluation = *evaluations.at(table.menu[i]);
      table.cells[i].push_back({evaluation.right(), evaluation.margin, evaluation.decodeLayerTokens, &evaluation.text});
      if (i == 0) table.promptTokens.push_back(evaluation.prefillLayerTokens / std::max(1, evaluation.executed));
    }
  }
  return table;
}

}  // namespace polar
