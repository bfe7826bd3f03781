#include "search/side_by_side.h"

#include <stdexcept>
#include <thread>

#include "catch.h"
#include "planted.h"
#include "search/oracle_search.h"

namespace polar {
namespace {

constexpr int kDepth = 6;

// Counts the tasks of each call and checks on which thread it comes; fails on the question "thirteen".
class Counting final : public ProgramEvaluator {
 public:
  int depth() const override { return kDepth; }
  std::vector<Evaluation> evaluate(std::span<const EvaluationTask> tasks) const override {
    calls.push_back(tasks.size());
    own = own && std::this_thread::get_id() == caller_;
    for (const EvaluationTask& task : tasks)
      if (task.example->id == "thirteen") throw std::runtime_error("thirteen");
    return planted_.evaluate(tasks);
  }
  mutable std::vector<std::size_t> calls;
  mutable bool own = true;

 private:
  testing::PlantedEvaluator planted_{kDepth, testing::hashedVerdict};
  std::thread::id caller_ = std::this_thread::get_id();
};

// Asks for the standard program, then two programs at a time, `budget` in all.
OracleSearchOptions inTwos(std::int64_t budget) {
  OracleSearchOptions options;
  options.search = {.strategy = "surrogate", .budget = budget, .maxEdits = 2, .round = 2};
  return options;
}

std::vector<std::string> texts(const ExampleLabels& labels) {
  std::vector<std::string> texts;
  for (const LabelledProgram& each : labels.programs) texts.push_back(each.program.text() + " " + each.evaluation.text);
  return texts;
}

}  // namespace

TEST_CASE("searches side by side are evaluated together on the caller's thread, each with its own answers") {
  const Counting evaluator;
  const std::vector<Example> examples = {testing::example("a"), testing::example("b"), testing::example("c")};
  const std::vector<OracleSearchOptions> options = {inTwos(1), inTwos(3), inTwos(5)};
  std::vector<ExampleSearch> searches;
  for (std::size_t i = 0; i < 3; ++i) searches.emplace_back(examples[i], kDepth, options[i]);
  std::vector<std::size_t> finished;
  searchSideBySide(searches, evaluator, [&](std::size_t i) {
    CHECK(searches[i].done());
    finished.push_back(i);
  });
  CHECK(evaluator.calls == std::vector<std::size_t>{3, 4, 2});
  CHECK(evaluator.own);
  CHECK(finished == std::vector<std::size_t>{0, 1, 2});
  for (std::size_t i = 0; i < 3; ++i) {
    const auto together = texts(searches[i].takeLabels());
    CHECK(together.size() == 2 * i + 1);
    CHECK(together == texts(searchExample(examples[i], evaluator, options[i])));
  }
}

TEST_CASE("a search that asks nothing, and one alone") {
  const Counting evaluator;
  const Example example = testing::example("a");
  const OracleSearchOptions nothing = inTwos(0), some = inTwos(5);
  std::vector<ExampleSearch> searches;
  searches.emplace_back(example, kDepth, nothing);
  searches.emplace_back(example, kDepth, some);
  searchSideBySide(searches, evaluator);
  CHECK(searches[0].done());
  CHECK(searches[0].takeLabels().programs.empty());
  CHECK(searches[1].takeLabels().programs.size() == 5);
  CHECK(evaluator.calls == std::vector<std::size_t>{1, 2, 2});
  searchExample(example, evaluator, some);
  CHECK(evaluator.calls == std::vector<std::size_t>{1, 2, 2, 1, 2, 2});
  searchSideBySide({}, evaluator);
  CHECK(evaluator.calls.size() == 6);
}

TEST_CASE("what the evaluator throws reaches the caller, as do answers that are missing") {
  const Counting evaluator;
  const std::vector<Example> examples = {testing::example("a"), testing::example("thirteen")};
  const OracleSearchOptions options = inTwos(5);
  std::vector<ExampleSearch> searches;
  for (const Example& example : examples) searches.emplace_back(example, kDepth, options);
  CHECK_THROWS_AS(searchSideBySide(searches, evaluator), std::runtime_error);

  class Lazy final : public ProgramEvaluator {
   public:
    int depth() const override { return kDepth; }
    std::vector<Evaluation> evaluate(std::span<const EvaluationTask>) const override { return {}; }
  };
  CHECK_THROWS_AS(searchExample(examples[0], Lazy(), options), std::logic_error);
}

}  // namespace polar
