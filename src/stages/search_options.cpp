#include "stages/search_options.h"

#include "search/mcts.h"

namespace polar {

OracleSearchOptions searchOptions(const Session& session) {
  const ExperimentConfig& config = session.config();
  OracleSearchOptions options{config.search, config.data.validationFraction, config.seed, session.workers(), nullptr};
  const SearchSettings& search = config.search;
  if (!search.menu.empty()) options.menu = loadMenu(search.menu, search.menuSize, session.model()->depth());
  return options;
}

std::string searchCaveat(const Session& session) {
  const StrategyOptions options{session.config().search, session.model()->depth()};
  if (options.strategy != "mcts" || !staysAtDepthOne(options)) return "";
  if (options.maxEdits < 2) return "mcts with search.max_edits=1 asks single edits in random order: there is no tree";
  return "mcts never leaves depth 1: each of " + std::to_string(singleEdits(options.space()).size()) +
         " single edits comes before any second one, and search.budget is " + std::to_string(options.budget) +
         "; search.mcts_variant=transposition goes deeper";
}

}  // namespace polar
