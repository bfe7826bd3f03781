#include "train/verdicts.h"

#include <utility>

namespace polar {

Verdicts::Verdicts(std::vector<const ExampleLabels*> questions, RunProgram run)
    : questions_(std::move(questions)), run_(std::move(run)), known_(questions_.size()) {
  for (std::size_t q = 0; q < known_.size(); ++q)
    for (const LabelledProgram& label : questions_[q]->programs)
      if (!label.isSample()) known_[q][label.program] = label.evaluation.right();
}

bool Verdicts::isRight(std::size_t question, const Program& program) {
  const auto [entry, isNew] = known_[question].try_emplace(program, false);
  if (isNew && run_) entry->second = run_(questions_[question]->example, program);
  return entry->second;
}

}  // namespace polar
