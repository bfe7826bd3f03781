#include "search/beam.h"

#include <set>

#include "catch.h"
#include "planted.h"

namespace polar {

TEST_CASE("beam finds two edits that random draws do not") {
  const StrategyOptions options{{.budget = 250, .maxEdits = 2}, 12};
  const int beam = testing::seedsThatFind("beam", options, testing::twoEditWorld());
  const int random = testing::seedsThatFind("random", options, testing::twoEditWorld());
  CAPTURE(beam, random);
  CHECK(beam >= 15);
  CHECK(random <= 5);
}

TEST_CASE("beam shares its budget among the numbers of edits, and grows the best alone") {
  const StrategyOptions options{{.budget = 61, .maxEdits = 3, .beamWidth = 2}, 12};
  const auto found = testing::runSearch("beam", options, testing::twoEditWorld());
  std::vector<int> sizes(4, 0);
  std::set<std::int32_t> parents;
  for (std::size_t i = 0; i < found.asked.size(); ++i) {
    const std::size_t edits = found.editsOf(i, options.space());
    ++sizes.at(edits);
    if (edits == 3) parents.insert(found.asked[i].parent);
  }
  CHECK(found.asked.size() == 61);
  CHECK(sizes[1] >= 20);
  CHECK(sizes[1] <= 30);  // two skips side by side are one edit
  CHECK(sizes[3] >= 10);
  CHECK(parents.size() <= 2);
}

TEST_CASE("a layer price decides between equally probable programs") {
  const testing::PlantedEvaluator flat(
      12, [](const EvaluationTask&) { return false; }, [](const Program&) { return -1.0; });
  const auto shorter = [&](double price) {
    const StrategyOptions options{{.budget = 121, .maxEdits = 3, .layerPrice = price}, 12};
    const auto found = testing::runSearch("beam", options, flat);
    int count = 0;
    for (const Candidate& each : found.asked) count += each.program.executed() < 9;
    return count;
  };
  const int priced = shorter(1), unpriced = shorter(0);
  CAPTURE(priced, unpriced);
  CHECK(priced > 20);
  CHECK(priced > 2 * unpriced);
}

}  // namespace polar
