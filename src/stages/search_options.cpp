#include "stages/search_options.h"

#include "search/mcts.h"

namespace polar {

OracleSearchOptions searchOptions(const Session& session) {
  const SearchSettings& settings = session.config().search;
  OracleSearchOptions options;
  options.strategy = settings.strategy;
  StrategyOptions& own = options.strategyOptions;
  own = {session.editSpace(), settings.budget, settings.maxEdits, session.config().seed};
  own.round = settings.round;
  own.layerPrice = settings.layerPrice;
  own.beamWidth = settings.beamWidth;
  own.treeVariant = settings.mctsVariant == "paper" ? TreeVariant::paper : TreeVariant::transposition;
  own.reward = settings.reward == "verdict" ? Reward::verdict : Reward::logprob;
  own.logprobWeight = settings.logprobWeight;
  if (settings.exploration >= 0) own.exploration = settings.exploration;
  if (settings.lengthPenalty >= 0) own.lengthPenalty = settings.lengthPenalty;
  own.randomChild = settings.randomChild;
  own.optimism = settings.optimism;
  if (!settings.menu.empty()) options.menu = loadMenu(settings.menu, settings.menuSize, own.space.depth);
  options.minimise = settings.minimise;
  options.samples = settings.samples;
  options.sampleTemperature = settings.sampleTemperature;
  options.validationFraction = session.config().data.validationFraction;
  options.seed = session.config().seed;
  options.workers = session.workers();
  options.partExamples = settings.partExamples;
  return options;
}

std::string searchCaveat(const Session& session) {
  const OracleSearchOptions options = searchOptions(session);
  if (options.strategy != "mcts" || !staysAtDepthOne(options.strategyOptions)) return "";
  if (options.strategyOptions.maxEdits < 2)
    return "mcts with search.max_edits=1 asks single edits in random order: there is no tree";
  return "mcts never leaves depth 1: each of " + std::to_string(singleEdits(options.strategyOptions.space).size()) +
         " single edits comes before any second one, and search.budget is " +
         std::to_string(options.strategyOptions.budget) + "; search.mcts_variant=transposition goes deeper";
}

}  // namespace polar
