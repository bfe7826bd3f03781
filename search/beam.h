// `beam`: programs with one edit, the best of them with a second, the best of those with a third, …
//
// The budget is shared equally among 1 … `maxEdits` edits. A level's parents are the `beamWidth` best programs of one
// edit less, by score (History::score: verdict, answer log-probability, layer price); they take turns, each getting
// the most promising edit (rankEdits) that it has not been given yet. What a level leaves over goes on to the next;
// after the last level the first goes on with the edits it has not tried, until the budget is spent.
//
// Source: beam search (Lowerre 1976) over RE-PoLar's edits in any order (arXiv 2609.31360); the score is ours.
#pragma once

#include <memory>

#include "search/strategy.h"

namespace polar {

std::unique_ptr<SearchStrategy> makeBeam(const StrategyOptions& options);

}  // namespace polar
