// `random`: programs drawn from the space, the baseline for all other strategies.
//
// The standard program, then draws, all different (src/program/program_draws.h). The parent of every draw is the
// standard program. Learns nothing from evaluations.
#pragma once

#include <memory>

#include "search/strategy.h"

namespace polar {

std::unique_ptr<SearchStrategy> makeRandom(const StrategyOptions& options);

}  // namespace polar
