#include "search/enumerate.h"

#include <functional>
#include <map>
#include <set>

#include "catch.h"

namespace polar {
namespace {

std::vector<Candidate> all(const StrategyOptions& options) { return makeEnumerate(options)->ask(1000000); }

std::vector<std::string> texts(const std::vector<Candidate>& candidates) {
  std::vector<std::string> texts;
  for (const Candidate& candidate : candidates) texts.push_back(candidate.program.text());
  return texts;
}

// Fewest edits that make each program, found by trying every subset of the single edits.
std::map<Program, std::size_t> fewestEdits(const EditSpace& space, std::size_t most) {
  const auto edits = singleEdits(space);
  std::map<Program, std::size_t> fewest;
  std::vector<Segment> chosen;
  const std::function<void(std::size_t)> extend = [&](std::size_t from) {
    const auto [at, fresh] = fewest.emplace(applyEdits(chosen, space.depth), chosen.size());
    if (!fresh) at->second = std::min(at->second, chosen.size());
    if (chosen.size() == most) return;
    for (std::size_t i = from; i < edits.size(); ++i) {
      bool free = true;
      for (const Segment& each : chosen) free = free && !overlaps(each, edits[i]);
      if (!free) continue;
      chosen.push_back(edits[i]);
      extend(i + 1);
      chosen.pop_back();
    }
  };
  extend(0);
  return fewest;
}

}  // namespace

TEST_CASE("the documented order, by hand") {
  const StrategyOptions options{{.budget = 1000, .maxEdits = 2, .maxLength = 2, .maxTimes = 2}, 3};
  CHECK(texts(all(options)) ==
        std::vector<std::string>{"0-2",
                                 // one edit: skip 0; 0 twice; skip 0-1; 0-1 twice; then from layer 1, then from layer 2
                                 "1-2", "0,0-2", "2", "0-1,0-2", "0,2", "0-1,1-2", "0", "0-2,1-2", "0-1", "0-2,2",
                                 // two edits; skip 0 with skip 1, and skip 1 with skip 2, were single edits already
                                 "1,1-2", "", "1-2,1-2", "1", "1-2,2",                          // skip 0 with …
                                 "0,0,2", "0,0-1,1-2", "0,0", "0,0-2,1-2", "0,0-1", "0,0-2,2",  // 0 twice with …
                                 "2,2",                   // skip 0-1 with (skip 2: all three, above) 2 twice
                                 "0-1,0-1", "0-1,0-2,2",  // 0-1 twice with …
                                 "0,2,2",                 // skip 1 with 2 twice
                                 "0-1,1", "0-1,1-2,2"});  // 1 twice with …
}

TEST_CASE("every program of the space, each once, fewest edits first") {
  const std::vector<StrategyOptions> settings = {
      {{.budget = 1000000, .maxEdits = 5, .maxLength = 3, .maxTimes = 3}, 5},
      {{.budget = 1000000, .maxEdits = 2}, 6},
      {{.budget = 1000000, .maxEdits = 7, .maxLength = 2, .repeats = false}, 7}};
  for (const StrategyOptions& options : settings) {
    const auto fewest = fewestEdits(options.space(), static_cast<std::size_t>(options.maxEdits));
    const auto candidates = all(options);
    CHECK(candidates.size() == fewest.size());
    std::size_t edits = 0;
    for (const Candidate& candidate : candidates) {
      const std::size_t own = fewest.at(candidate.program);
      if (own < edits) FAIL(candidate.program.text() << " came after programs of " << edits << " edits");
      edits = own;
      if (candidate.parent >= 0 && fewest.at(candidates[static_cast<std::size_t>(candidate.parent)].program) + 1 != own)
        FAIL(candidate.program.text() << " is not one edit from its parent");
    }
  }
}

TEST_CASE("a budget cuts the order off and changes nothing before") {
  StrategyOptions options{{.budget = 100000, .maxEdits = 2}, 12};
  const auto whole = texts(all(options));
  CHECK(whole.size() > 5000);
  for (const std::int64_t budget : {1, 2, 169, 170, 1000}) {
    options.budget = budget;
    const auto cut = texts(all(options));
    CHECK(cut == std::vector<std::string>(whole.begin(), whole.begin() + budget));
  }
}

TEST_CASE("one edit on 12 layers: the standard program and 168 others") {
  CHECK(all({{.budget = 1000, .maxEdits = 1}, 12}).size() == 1 + 4 * (12 + 11 + 10 + 9));
}

}  // namespace polar
