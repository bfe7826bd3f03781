#include "search/cascade.h"

#include "search/mcts.h"
#include "search/menu.h"
#include "search/rounds.h"
#include "search/surrogate.h"

namespace polar {

std::unique_ptr<SearchStrategy> makeCascade(const StrategyOptions& options) {
  std::vector<Phase> phases;
  phases.push_back({makeMenuPhase(options), (options.budget + 2) / 3});
  phases.push_back({makeSurrogatePhase(options), (2 * options.budget + 2) / 3});
  phases.push_back({makeTree(options), options.budget});
  return makeRounds(options, std::move(phases));
}

}  // namespace polar
