#include "search/strategies.h"

#include "search/beam.h"
#include "search/cascade.h"
#include "search/enumerate.h"
#include "search/mcts.h"
#include "search/menu.h"
#include "search/random.h"
#include "search/surrogate.h"
#include "support/error.h"

namespace polar {
namespace {

struct Entry {
  const char* name;
  std::unique_ptr<SearchStrategy> (*make)(const StrategyOptions&);
};

// The names are the values of `search.strategy` in a config.
constexpr Entry kStrategies[] = {
    {"enumerate", makeEnumerate}, {"random", makeRandom},       {"beam", makeBeam},       {"mcts", makeMcts},
    {"menu", makeMenu},           {"surrogate", makeSurrogate}, {"cascade", makeCascade},
};

}  // namespace

std::vector<std::string> strategyNames() {
  std::vector<std::string> names;
  for (const Entry& entry : kStrategies) names.emplace_back(entry.name);
  return names;
}

std::unique_ptr<SearchStrategy> makeStrategy(const StrategyOptions& options) {
  const std::string& name = options.strategy;
  for (const Entry& entry : kStrategies)
    if (name == entry.name) return entry.make(options);
  const std::string nearest = nearestName(name, strategyNames());
  throw InputError("search.strategy", "'" + name + "'", "one of " + joinNames(strategyNames()),
                   nearest.empty() ? "" : "did you mean '" + nearest + "'?");
}

}  // namespace polar
