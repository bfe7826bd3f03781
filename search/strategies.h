// The list of search strategies.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "search/strategy.h"

namespace polar {

std::vector<std::string> strategyNames();
// The one that `options.strategy` names. InputError naming the known strategies on an unknown name.
std::unique_ptr<SearchStrategy> makeStrategy(const StrategyOptions& options);

}  // namespace polar
