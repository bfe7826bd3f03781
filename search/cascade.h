// `cascade`: what is cheap and shared first, what is dear and particular last, within one budget.
//
//   menu       up to a third of the budget, where there is a menu (search/menu.h)
//   surrogate  up to two thirds (search/surrogate.h); it learns from the menu's evaluations too
//   mcts       the rest (search/mcts.h); what was evaluated before costs nothing
//
// A phase that has nothing left hands its share on. Statistics: those of its phases.
#pragma once

#include <memory>

#include "search/strategy.h"

namespace polar {

std::unique_ptr<SearchStrategy> makeCascade(const StrategyOptions& options);

}  // namespace polar
