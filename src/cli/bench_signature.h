// One number for what a fixed set of evaluations comes out as.
#pragma once

#include <cstdint>
#include <vector>

#include "evaluation/evaluator.h"

namespace polar {

// Of every task its question's id and its program, and of its evaluation the text, verdict, rule and layer-tokens: the
// first 32 bits of their SHA-256. It is meant to be the same on every kind of processor: log-probabilities and margins,
// whose last bits differ, are left out, and so are evaluations with a margin below kClearMargin, which such bits could
// decide. Stockfish's `bench` has such a number: a change that means to alter no result leaves it as it is.
inline constexpr float kClearMargin = 0.01f;  // logits; AVX2 beside AVX-512 moves them by less than 1e-4
std::uint32_t signatureOf(const std::vector<EvaluationTask>& tasks, const std::vector<Evaluation>& evaluations);

}  // namespace polar
