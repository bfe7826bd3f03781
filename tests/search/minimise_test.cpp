#include "search/minimise.h"

#include <set>

#include "catch.h"
#include "planted.h"
#include "search/oracle_search.h"

namespace polar {
namespace {

constexpr EditSpace kSpace{.depth = 8};

// Right where layer 3 is skipped.
bool withoutThree(const Program& program) { return testing::skips(program, 3); }

std::vector<LabelledProgram> evaluated(const std::vector<std::string>& programs) {
  std::vector<LabelledProgram> labelled;
  for (const std::string& program : programs) {
    LabelledProgram each;
    each.program = Program::parse(program, 8);
    each.evaluation.verdict = withoutThree(each.program) ? Verdict::right : Verdict::wrong;
    each.order = static_cast<std::uint32_t>(labelled.size());
    labelled.push_back(each);
  }
  return labelled;
}

struct Step {
  std::string program;
  std::int32_t parent;
  bool operator==(const Step&) const = default;
};

std::vector<Step> steps(std::int64_t budget, const std::vector<std::string>& programs) {
  Minimiser minimiser(kSpace, budget, evaluated(programs));
  std::vector<Step> steps;
  for (auto asked = minimiser.ask(); !asked.empty(); asked = minimiser.ask())
    for (const Candidate& each : asked) {
      const auto order = static_cast<std::uint32_t>(programs.size() + steps.size());
      steps.push_back({each.program.text(), each.parent});
      minimiser.tell(each.program, withoutThree(each.program), order);
    }
  return steps;
}

}  // namespace

TEST_CASE("edits are dropped one at a time, repeats first, while the program stays right") {
  // Skip 0, skip 3, run 6 twice. Right without the repeat (order 2), then without skip 0 too; one edit is left.
  CHECK(steps(100, {"0-7", "1-2,4-6,6-7"}) ==
        std::vector<Step>{{"1-2,4-7", 1}, {"0-2,4-6,6-7", 1}, {"1-6,6-7", 1}, {"0-2,4-7", 2}, {"1-7", 2}});
}

TEST_CASE("what was evaluated before is not asked again, and the budget ends it") {
  const std::string three = "1-2,4-6,6-7";
  CHECK(steps(100, {"0-7", three, "1-2,4-7", "0-2,4-7"}).size() == 3);
  CHECK(steps(4, {"0-7", three}).size() == 4);
  CHECK(steps(0, {"0-7", three}).empty());
  CHECK(steps(100, {"0-7", "0-2,4-7"}).empty());  // one edit
  CHECK(steps(100, {"0-7", "1-6,6-7"}).empty());  // wrong
}

TEST_CASE("the reserve: what four programs can take, a fifth of the budget at most, nothing for single edits") {
  const auto reserve = [](std::int64_t budget, int edits) {
    return Minimiser::reserve({.budget = budget, .maxEdits = edits});
  };
  CHECK(reserve(200, 1) == 0);
  CHECK(reserve(200, 2) == 8);
  CHECK(reserve(200, 3) == 20);
  CHECK(reserve(50, 3) == 10);
}

TEST_CASE("oracle search minimises within the budget and says so in the origin") {
  const testing::PlantedEvaluator evaluator(8, [](const EvaluationTask& task) { return withoutThree(task.program); });
  OracleSearchOptions options;
  options.search = {.strategy = "beam", .budget = 100, .maxEdits = 3, .minimise = true, .samples = 2};
  int minimised = 0, afterwards = 0;
  for (int i = 0; i < 10; ++i) {
    SearchStatistics statistics;
    const auto labels = searchExample(testing::example("e" + std::to_string(i)), evaluator, options, &statistics);
    std::set<Program> programs;
    std::int64_t searched = 0;
    for (const LabelledProgram& each : labels.programs) {
      if (each.isSample()) continue;
      ++searched;
      CHECK(programs.insert(each.program).second);
      if (each.parent < 0) continue;
      // Also what the beam asks for afterwards names its parent by the order in the labels.
      const LabelledProgram& parent = labels.programs.at(static_cast<std::size_t>(each.parent));
      const auto edits = editsOf(each.program, kSpace)->size(), parents = editsOf(parent.program, kSpace)->size();
      if (each.origin == "beam") {
        if (edits > parents + 1) FAIL(each.program.text() << " is not one edit from " << parent.program.text());
        CHECK(edits >= parents);
        afterwards += each.order >= 80;
      }
      if (each.origin != kMinimiseOrigin) continue;
      ++minimised;
      CHECK(each.order >= 80);
      CHECK(parent.evaluation.right());
      CHECK(edits + 1 == parents);
    }
    CHECK(searched == 100);
    CHECK(static_cast<double>(searched) == statistics.at("evaluations"));
    for (std::size_t at = 0; at < labels.programs.size(); ++at) CHECK(labels.programs[at].order == at);
  }
  CHECK(minimised > 5);
  CHECK(afterwards > 20);
}

}  // namespace polar
