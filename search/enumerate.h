// `enumerate`: every program of the space, fewest edits first.
//
// The order: the standard program; every single edit in the order of singleEdits() (start, then length, then times,
// skip first); then sets of two non-overlapping edits, three, … up to `maxEdits`, each size in lexicographic order of
// its edits' places in singleEdits(). Two sets that make the same layers (skip 0 and skip 1; skip 0-1) are one program,
// asked at its first place. `budget` ends the order. A candidate's parent is the program without its last edit.
//
// It learns nothing from evaluations and draws nothing at random, so the seed has no effect.
#pragma once

#include <memory>

#include "search/strategy.h"

namespace polar {

std::unique_ptr<SearchStrategy> makeEnumerate(const StrategyOptions& options);

}  // namespace polar
