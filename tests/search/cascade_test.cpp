#include "search/cascade.h"

#include "catch.h"
#include "planted.h"

namespace polar {

TEST_CASE("cascade: the menu, then the surrogate, then the tree, in one budget") {
  StrategyOptions options{{.budget = 90, .maxEdits = 2}, 12};
  for (const char* program : {"1-11", "2-11", "3-11"}) options.programs.push_back(Program::parse(program, 12));
  const auto found = testing::runSearch("cascade", options, testing::twoEditWorld());
  REQUIRE(found.asked.size() == 90);
  for (std::size_t i = 0; i < 3; ++i) CHECK(found.asked[i + 1].program == options.programs[i]);
  CHECK(found.statistics.count("spearman") == 1);
  CHECK(found.statistics.at("predicted") < 60);
  CHECK(found.statistics.at("simulations") > 0);
  const auto edits = singleEdits(options.space());
  for (const Segment& edit : edits) options.programs.push_back(applyEdits(std::vector<Segment>{edit}, 12));
  const auto most = testing::runSearch("cascade", options, testing::twoEditWorld());
  CHECK(most.asked[29].program == options.programs[31]);  // a third of the budget; the three are on it twice
  CHECK_FALSE(most.asked[30].program == options.programs[32]);
}

TEST_CASE("cascade finds two edits that random draws do not") {
  const StrategyOptions options{{.budget = 250, .maxEdits = 2}, 12};
  const int cascade = testing::seedsThatFind("cascade", options, testing::twoEditWorld());
  CAPTURE(cascade);
  CHECK(cascade >= 15);
}

}  // namespace polar
