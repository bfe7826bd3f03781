#include "search/example_search.h"

#include <stdexcept>

#include "catch.h"
#include "planted.h"

namespace polar {
namespace {

constexpr int kDepth = 6;
const testing::PlantedEvaluator kHashed(kDepth, testing::hashedVerdict);

OracleSearchOptions options() {
  OracleSearchOptions options;
  options.search = {.strategy = "surrogate", .budget = 12, .maxEdits = 2, .round = 4, .samples = 2};
  return options;
}

}  // namespace

TEST_CASE("a search asks for the standard program, then in the strategy's rounds, then for the samples") {
  const Example example = testing::example("one");
  const OracleSearchOptions own = options();
  ExampleSearch search(example, kDepth, own);
  std::vector<std::size_t> calls;
  for (auto tasks = search.ask(); !tasks.empty(); tasks = search.ask()) {
    CHECK_FALSE(search.done());
    for (const EvaluationTask& task : tasks) CHECK((task.temperature > 0) == (calls.size() == 4));
    CHECK(tasks.front().example == &example);
    calls.push_back(tasks.size());
    search.tell(kHashed.evaluate(tasks));
  }
  CHECK(calls == std::vector<std::size_t>{1, 4, 4, 3, 2});
  CHECK(search.done());
  CHECK(search.ask().empty());
  CHECK(search.statistics().at("evaluations") == 12);
  CHECK(search.takeLabels().programs.size() == 14);
}

TEST_CASE("asked before it is answered, or answered in part, is a bug") {
  const Example example = testing::example("one");
  const OracleSearchOptions own = options();
  ExampleSearch search(example, kDepth, own);
  CHECK_THROWS_AS(search.tell(std::vector<Evaluation>(1)), std::logic_error);
  search.tell(kHashed.evaluate(search.ask()));
  const auto tasks = search.ask();
  CHECK_THROWS_AS(search.ask(), std::logic_error);
  CHECK_THROWS_AS(search.tell(std::vector<Evaluation>(tasks.size() - 1)), std::logic_error);
  search.tell(kHashed.evaluate(tasks));
  CHECK(search.ask().size() == 4);
}

}  // namespace polar
