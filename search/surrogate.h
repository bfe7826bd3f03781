// `surrogate`: learns for each question which layers may be edited, and asks the programs that it ranks best.
//
// It begins with single edits drawn at random, for a fifth of the budget (a round at least). After that, in every
// round, it fits a ridge regression of the answer's log-probability (less the standard program's, within ±4 nats) on
// features of the programs evaluated so far (search/edit_features.h). It ranks every single edit, and every edit added
// to the eight best programs by History::score, by
//   prediction + optimism · standard deviation − price · executed / depth        (price: History::layerPrice)
// and asks the best of them. (The deviation counts among the 256 that are first by prediction and price.) After each
// choice of a round the deviations shrink as if that program had been evaluated.
//
// Statistics: spearman (Spearman's ρ between the predictions of programs when they were asked and their evaluations;
// from eight pairs on), predicted (pairs).
//
// Source: linear bandits (LinUCB: Li et al., arXiv 1003.0146) on the dense signal; the features are ours.
#pragma once

#include <memory>

#include "search/rounds.h"

namespace polar {

std::unique_ptr<Proposer> makeSurrogatePhase(const StrategyOptions& options);
std::unique_ptr<SearchStrategy> makeSurrogate(const StrategyOptions& options);

}  // namespace polar
