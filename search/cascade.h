// `cascade`: three strategies one after another in one budget, from general to particular.
//
//   menu       up to a third of the budget, where there is a menu (search/menu.h)
//   surrogate  up to two thirds (search/surrogate.h); it learns from the menu's evaluations too
//   mcts       the rest (search/mcts.h); programs that were evaluated before cost nothing
//
// What a phase does not use, the next one gets. Statistics: those of the phases.
#pragma once

#include <memory>

#include "search/strategy.h"

namespace polar {

std::unique_ptr<SearchStrategy> makeCascade(const StrategyOptions& options);

}  // namespace polar
