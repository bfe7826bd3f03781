// `beam`: programs with one edit, the best of them with a second, the best of those with a third, …
//
// The budget is shared equally among 1 … `maxEdits` edits. A level's parents are the `beamWidth` best programs of one
// edit less, by score (History::score: verdict, answer log-probability, layer price). They take turns: each gets the
// most promising edit (rankEdits) that it has not had yet. What a level does not use goes to the next level. After the
// last level the first one continues with the edits that it has not tried, until the budget is spent.
//
// Source: beam search (Lowerre 1976) over RE-PoLar's edits in any order (arXiv 2609.31360); the score is ours.
#pragma once

#include <memory>

#include "search/strategy.h"

namespace polar {

std::unique_ptr<SearchStrategy> makeBeam(const StrategyOptions& options);

}  // namespace polar
