// What the programs of a menu agree on: a target for training that needs no reference answer.
#pragma once

#include <vector>

#include "store/label_store.h"

namespace polar {

// For each program of `menu` 1 where its answer to the question is the one that most of them give
// (countVotes: of equals the surer party), else 0; all 0 where no program gives an answer. The
// programs must have been run on it. Neither verdicts nor the reference answer are looked at.
std::vector<float> consensusOf(const ExampleLabels& question, const std::vector<Program>& menu, bool boxOpen);

}  // namespace polar
