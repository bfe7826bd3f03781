// `random`: programs drawn from the space, the baseline that any cleverer strategy has to beat.
//
// The standard program, then draws: a number of edits uniform in 1 … `maxEdits`, then that many edits one by one, each
// uniform among the single edits that overlap none drawn before (fewer where none fits any more). A program drawn
// before is replaced by another draw; after 1000 such draws in a row the space counts as exhausted, so that a small one
// terminates. The parent of every draw is the standard program. Ignores tells.
#pragma once

#include <memory>

#include "search/strategy.h"

namespace polar {

std::unique_ptr<SearchStrategy> makeRandom(const StrategyOptions& options);

}  // namespace polar
