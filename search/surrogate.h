// `surrogate`: learns, question by question, which layers bear an edit, and asks what it ranks best.
//
// First a fifth of the budget (a round at least) on single edits drawn at random. Then in every round: ridge regression
// of the answer's log-probability (less the standard program's, within ±4 nats) on features of the programs told so far
// (search/edit_features.h); every single edit, and every edit added to the eight best programs by History::score,
// ranked by
//   prediction + optimism · standard deviation − price · executed / depth        (price: History::layerPrice)
// and the best of them asked (the deviation counts among the 256 that predictions and prices put first). After each
// choice of a round the deviations shrink as if it had been told.
//
// Statistics: spearman (Spearman's ρ between what was predicted of programs when they were asked and what was
// told of them; from eight pairs on), predicted (pairs).
//
// Source: linear bandits (LinUCB: Li et al., arXiv 1003.0146) on the dense signal; the features are ours.
#pragma once

#include <memory>

#include "search/rounds.h"

namespace polar {

std::unique_ptr<Proposer> makeSurrogatePhase(const StrategyOptions& options);
std::unique_ptr<SearchStrategy> makeSurrogate(const StrategyOptions& options);

}  // namespace polar
