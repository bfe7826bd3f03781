#include "search/side_by_side.h"

#include <sys/resource.h>

#include <atomic>
#include <fstream>
#include <stdexcept>

#include "catch.h"

using namespace polar;

namespace {

// Answers with the program's length, and remembers how many tasks each call brought.
class Counting final : public ProgramEvaluator {
 public:
  int depth() const override { return 4; }
  std::vector<Evaluation> evaluate(std::span<const EvaluationTask> tasks) const override {
    calls.push_back(tasks.size());
    std::vector<Evaluation> evaluations(tasks.size());
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      if (tasks[i].program.executed() == 13) throw std::runtime_error("thirteen");
      evaluations[i].executed = tasks[i].program.executed();
    }
    return evaluations;
  }
  mutable std::vector<std::size_t> calls;
};

std::vector<EvaluationTask> ofLengths(const std::vector<int>& lengths) {
  std::vector<EvaluationTask> tasks;
  for (const int length : lengths) tasks.push_back({nullptr, Program(std::vector<LayerIndex>(static_cast<std::size_t>(length), 0))});
  return tasks;
}

}  // namespace

TEST_CASE("searches side by side are evaluated together, each with its own answers") {
  const Counting evaluator;
  std::vector<int> sums(3);
  searchSideBySide(3, evaluator, [&](std::size_t i, const ProgramEvaluator& own) {
    CHECK_NOTHROW(own.depth());
    for (std::size_t turn = 0; turn <= i; ++turn)  // the first asks once, the last three times
      for (const Evaluation& each : own.evaluate(ofLengths({static_cast<int>(i) + 1, static_cast<int>(turn)})))
        sums[i] += each.executed;
  });
  CHECK(sums == std::vector<int>{1, 2 + 2 + 1, 3 + 3 + 3 + 1 + 2});
  CHECK(evaluator.calls == std::vector<std::size_t>{6, 4, 2});
}

TEST_CASE("a search that asks nothing, and one alone") {
  const Counting evaluator;
  int asked = 0;
  searchSideBySide(2, evaluator, [&](std::size_t i, const ProgramEvaluator& own) {
    if (i == 1) asked = own.evaluate(ofLengths({2}))[0].executed;
  });
  CHECK(asked == 2);
  searchSideBySide(1, evaluator, [&](std::size_t, const ProgramEvaluator& own) { CHECK(&own == &evaluator); });
}

TEST_CASE("what the evaluator or a search throws reaches the caller, after all have ended") {
  const Counting evaluator;
  std::atomic<int> ended = 0;
  CHECK_THROWS_AS(searchSideBySide(3, evaluator,
                                   [&](std::size_t i, const ProgramEvaluator& own) {
                                     ++ended;
                                     own.evaluate(ofLengths({i == 2 ? 13 : 1}));
                                   }),
                  std::runtime_error);
  CHECK(ended == 3);
  CHECK_THROWS_AS(searchSideBySide(2, evaluator,
                                   [&](std::size_t i, const ProgramEvaluator& own) {
                                     if (i == 1) throw std::logic_error("broken");
                                     own.evaluate(ofLengths({1}));
                                   }),
                  std::logic_error);
}

TEST_CASE("too few threads are an error of the caller, not the end of the process") {
  // Threads that hold their stacks: the address space is filled before all have begun.
  struct AddressSpace {
    rlimit before;
    AddressSpace() {
      getrlimit(RLIMIT_AS, &before);
      rlim_t pages = 0;
      std::ifstream("/proc/self/statm") >> pages;
      rlimit narrow = before;
      narrow.rlim_cur = pages * 4096 + (rlim_t{64} << 20);
      setrlimit(RLIMIT_AS, &narrow);
    }
    ~AddressSpace() { setrlimit(RLIMIT_AS, &before); }
  };
  const Counting evaluator;
  std::atomic<int> told = 0;
  {
    const AddressSpace narrow;
    CHECK_THROWS_AS(searchSideBySide(256, evaluator,
                                     [&](std::size_t, const ProgramEvaluator& own) {
                                       try {
                                         own.evaluate(ofLengths({1}));
                                       } catch (const std::system_error&) {
                                         ++told;
                                         throw;
                                       }
                                     }),
                    std::system_error);
  }
  CHECK(told > 0);
  CHECK(told < 256);
  CHECK(evaluator.calls.empty());
}
