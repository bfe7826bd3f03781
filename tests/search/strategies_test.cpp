// Conformance: what every strategy of the list must do, on planted evaluators. A new strategy is tested without more
// code.
#include "search/strategies.h"

#include <algorithm>
#include <set>

#include "catch.h"
#include "planted.h"
#include "support/error.h"

namespace polar {
namespace {

using testing::PlantedEvaluator;

struct Drive {
  std::vector<Candidate> asked;
  bool ended = false;
};

// Asks `n` at a time, and between two asks answers at most `answers` of what waits, in order.
Drive drive(SearchStrategy& strategy, const PlantedEvaluator& evaluator, std::size_t n, std::size_t answers) {
  const Example question = testing::example("q");
  Drive drive;
  std::size_t answered = 0;
  for (int calls = 0; calls < 100000; ++calls) {
    const auto asked = strategy.ask(n);
    CHECK(asked.size() <= n);
    drive.asked.insert(drive.asked.end(), asked.begin(), asked.end());
    if (asked.empty() && answered == drive.asked.size()) {
      drive.ended = strategy.ask(n).empty();  // done stays done
      break;
    }
    const std::size_t until = asked.empty() ? drive.asked.size() : std::min(drive.asked.size(), answered + answers);
    for (; answered < until; ++answered) {
      const Program& program = drive.asked[answered].program;
      strategy.tell(answered, program, evaluator.evaluateOne({&question, program}));
    }
  }
  return drive;
}

std::vector<PlantedEvaluator> planted(int depth) {
  return {PlantedEvaluator(depth, [](const EvaluationTask&) { return false; }),
          PlantedEvaluator(depth, [](const EvaluationTask&) { return true; }),
          PlantedEvaluator(depth, [](const EvaluationTask& task) { return task.program.executed() < 5; }),
          PlantedEvaluator(depth, testing::hashedVerdict)};
}

// For `menu`, which asks nothing else: programs of the space, some with too many passes, one with layers in another
// order.
std::vector<Program> menu(int depth) {
  std::vector<Program> menu;
  for (const Segment& edit : singleEdits({.depth = depth, .maxLength = 3, .maxTimes = 5}))
    menu.push_back(applyEdits(std::vector<Segment>{edit}, depth));
  menu.push_back(Program(std::vector<LayerIndex>{static_cast<LayerIndex>(depth - 1), 0}));
  menu.push_back(Program::standard(depth));
  menu.push_back(menu.front());
  return menu;
}

std::vector<StrategyOptions> settings() {
  std::vector<StrategyOptions> settings = {
      {{.budget = 1, .maxEdits = 1}, 6},
      {{.budget = 37, .maxEdits = 3}, 6},
      {{.budget = 200, .maxEdits = 4}, 30},
      {{.budget = 500, .maxEdits = 2, .maxLength = 2, .maxTimes = 2}, 6},
      {{.budget = 500, .maxEdits = 6, .repeats = false}, 6},  // more budget than there are programs
      {{.budget = 200, .maxEdits = 2, .skips = false}, 6},
      {{.budget = 100000, .maxEdits = 5}, 3},
      {{.budget = 100, .maxEdits = 2}, 1},
      {{.budget = 50, .maxEdits = 0}, 6},
      {{.budget = 50, .maxEdits = 2, .skips = false, .repeats = false}, 6},
      {{.budget = 90, .maxEdits = 3, .round = 1, .layerPrice = 0, .beamWidth = 1}, 6},
      {{.budget = 90,
        .maxEdits = 3,
        .round = 50,
        .reward = "verdict",
        .mctsVariant = "paper",
        .exploration = 0,
        .lengthPenalty = 3,
        .optimism = 0},
       6},
      {{.budget = 90, .maxEdits = 3, .mctsVariant = "paper", .randomChild = 0.5}, 6},
      {{.budget = 90, .maxEdits = 3, .randomChild = 1}, 6},
  };
  for (StrategyOptions& options : settings) options.programs = menu(options.depth);
  return settings;
}

bool inSpace(const Program& program, const StrategyOptions& options) {
  const auto edits = editsOf(program, options.space());
  if (!edits || edits->size() > static_cast<std::size_t>(options.maxEdits)) return false;
  return std::all_of(edits->begin(), edits->end(),
                     [&](const Segment& edit) { return edit.op == SegmentOp::skip ? options.skips : options.repeats; });
}

void checkContract(const Drive& drive, const StrategyOptions& options) {
  REQUIRE(drive.ended);
  REQUIRE_FALSE(drive.asked.empty());
  CHECK(drive.asked[0].program == Program::standard(options.depth));
  CHECK(drive.asked[0].parent == -1);
  CHECK(static_cast<std::int64_t>(drive.asked.size()) <= options.budget);
  std::set<Program> programs;
  for (std::size_t i = 0; i < drive.asked.size(); ++i) {
    const Candidate& candidate = drive.asked[i];
    if (!inSpace(candidate.program, options)) FAIL("outside the space: " << candidate.program.text());
    if (!programs.insert(candidate.program).second) FAIL("asked twice: " << candidate.program.text());
    if (candidate.parent < -1 || candidate.parent >= static_cast<std::int32_t>(i)) FAIL("parent not asked before");
  }
}

bool sameAsks(const Drive& a, const Drive& b) {
  return std::equal(
      a.asked.begin(), a.asked.end(), b.asked.begin(), b.asked.end(),
      [](const Candidate& x, const Candidate& y) { return x.program == y.program && x.parent == y.parent; });
}

}  // namespace

TEST_CASE("every strategy keeps the contract") {
  for (const std::string& name : strategyNames())
    for (const StrategyOptions& options : settings())
      for (const PlantedEvaluator& evaluator : planted(options.depth)) {
        INFO(name << " at depth " << options.depth << ", budget " << options.budget << ", edits " << options.maxEdits);
        checkContract(drive(*testing::strategyNamed(name, options), evaluator, 32, 32), options);
      }
}

TEST_CASE("every strategy asks the same in any batches") {
  for (const std::string& name : strategyNames())
    for (const StrategyOptions& options : settings())
      for (const PlantedEvaluator& evaluator : planted(options.depth)) {
        INFO(name << " at depth " << options.depth << ", budget " << options.budget);
        const Drive judge = drive(*testing::strategyNamed(name, options), evaluator, 1, 1);
        for (const auto& [n, answers] :
             std::vector<std::pair<std::size_t, std::size_t>>{{32, 32}, {7, 3}, {1000000, 1}})
          CHECK(sameAsks(judge, drive(*testing::strategyNamed(name, options), evaluator, n, answers)));
      }
}

TEST_CASE("every strategy finds a planted program that one edit reaches") {
  const Program planted = Program::parse("0-2,1-5", 6);
  const PlantedEvaluator evaluator(6, [&](const EvaluationTask& task) { return task.program == planted; });
  for (const std::string& name : strategyNames()) {
    INFO(name);
    const StrategyOptions options{{.budget = 72, .maxEdits = 1}, 6, 1, menu(6)};
    const auto asked = drive(*testing::strategyNamed(name, options), evaluator, 8, 8).asked;
    CHECK(std::any_of(asked.begin(), asked.end(), [&](const Candidate& each) { return each.program == planted; }));
  }
}

TEST_CASE("an unknown strategy is answered with the known ones") {
  std::string message;
  try {
    testing::strategyNamed("enumerat", {});
  } catch (const InputError& error) {
    message = error.what();
  }
  CHECK(message == "search.strategy: found 'enumerat', expected one of " + joinNames(strategyNames()) +
                       "; did you mean 'enumerate'?");
  CHECK_THROWS_AS(testing::strategyNamed("", {}), InputError);
}

}  // namespace polar
