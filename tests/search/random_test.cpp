#include "search/random.h"

#include <map>
#include <set>

#include "catch.h"

namespace polar {
namespace {

std::vector<Candidate> all(const StrategyOptions& options) { return makeRandom(options)->ask(1000000); }

}  // namespace

TEST_CASE("another seed draws other programs, the same seed the same") {
  const auto draw = [](std::uint64_t seed) {
    std::vector<std::string> texts;
    for (const Candidate& each : all({{.budget = 50, .maxEdits = 3}, 12, seed})) texts.push_back(each.program.text());
    return texts;
  };
  CHECK(draw(7).size() == 50);
  CHECK(draw(7) == draw(7));
  CHECK(draw(7) != draw(8));
}

TEST_CASE("a small space is found whole and the strategy ends") {
  CHECK(all({{.budget = 100000, .maxEdits = 1, .maxLength = 2, .maxTimes = 2}, 4}).size() == 1 + 14);
  CHECK(all({{.budget = 100000, .maxEdits = 4, .repeats = false}, 4}).size() == 16);
}

TEST_CASE("single edits are drawn uniformly") {
  // The first draw after the standard program, over many seeds: chi-square over 14 edits, 13 degrees of freedom; 34.5
  // is the 99.9 % point (scipy.stats.chi2.ppf(0.999, 13)).
  const StrategyOptions base{{.budget = 2, .maxEdits = 1, .maxLength = 2, .maxTimes = 2}, 4};
  std::map<Program, int> counts;
  const int draws = 7000;
  for (int seed = 0; seed < draws; ++seed) {
    StrategyOptions options = base;
    options.seed = static_cast<std::uint64_t>(seed);
    ++counts[all(options).at(1).program];
  }
  REQUIRE(counts.size() == 14);
  double chiSquare = 0;
  const double expected = draws / 14.0;
  for (const auto& [program, count] : counts) chiSquare += (count - expected) * (count - expected) / expected;
  CHECK(chiSquare < 34.5);
}

TEST_CASE("edit counts are drawn uniformly") {
  // Loops over one layer, twice: the edit count can be read off the length, and 30 layers leave room for all.
  std::map<int, int> counts;
  for (std::uint64_t seed = 0; seed < 4000; ++seed) {
    const auto asked = all({{.budget = 2, .maxEdits = 4, .maxLength = 1, .maxTimes = 2, .skips = false}, 30, seed});
    ++counts[asked.at(1).program.executed() - 30];
  }
  REQUIRE(counts.size() == 4);
  for (const auto& [edits, count] : counts) {
    INFO(edits << " edits");
    CHECK(count > 880);  // 1000 expected, standard deviation 27
    CHECK(count < 1120);
  }
}

}  // namespace polar
