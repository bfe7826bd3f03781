// One number for what a fixed set of evaluations comes out as.
#pragma once

#include <cstdint>
#include <vector>

#include "evaluation/evaluator.h"

namespace polar {

// Of every task its question's id and its program, and of its evaluation the text, verdict, rule and layer-tokens: the first
// 32 bits of their SHA-256. Log-probabilities and margins are left out, since their last bits differ from one kind of
// processor to another. Stockfish's `bench` has such a number: a change that means to alter no result leaves it as it is.
std::uint32_t signatureOf(const std::vector<EvaluationTask>& tasks, const std::vector<Evaluation>& evaluations);

}  // namespace polar
