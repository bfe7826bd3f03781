#include "search/surrogate.h"

#include "catch.h"
#include "planted.h"

namespace polar {

TEST_CASE("surrogate finds two edits that random draws do not, and says how well it predicted") {
  const StrategyOptions options{{.budget = 150, .maxEdits = 2}, 12};
  const int surrogate = testing::seedsThatFind("surrogate", options, testing::twoEditWorld());
  const int random = testing::seedsThatFind("random", options, testing::twoEditWorld());
  CAPTURE(surrogate, random);
  CHECK(surrogate >= 15);
  CHECK(random <= 5);
  const auto statistics = testing::runSearch("surrogate", options, testing::twoEditWorld()).statistics;
  CHECK(statistics.at("spearman") > 0.3);
  CHECK(statistics.at("spearman") <= 1);
  CHECK(statistics.at("predicted") > 50);
}

TEST_CASE("surrogate ranks nothing where there is nothing to tell apart") {
  const testing::PlantedEvaluator flat(
      8, [](const EvaluationTask&) { return false; }, [](const Program&) { return -1.0; });
  const StrategyOptions options{{.budget = 60, .maxEdits = 2}, 8};
  const auto found = testing::runSearch("surrogate", options, flat);
  CHECK(found.asked.size() == 60);
  CHECK(found.statistics.count("spearman") == 0);
}

TEST_CASE("a layer price moves the surrogate to shorter programs") {
  const auto meanLength = [](double price) {
    const StrategyOptions options{{.budget = 100, .maxEdits = 3, .layerPrice = price}, 12};
    double sum = 0;
    for (const Candidate& each : testing::runSearch("surrogate", options, testing::twoEditWorld()).asked)
      sum += each.program.executed();
    return sum / 100;
  };
  CHECK(meanLength(10) < meanLength(0) - 1);
}

}  // namespace polar
