#include "eval/set_evaluation.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <tuple>

#include "catch.h"
#include "eval/planted.h"
#include "support/error.h"
#include "support/hash.h"

using namespace polar;
using namespace polar::testing;

namespace {

constexpr int kDepth = 6;

// A verdict that is a hash of (question, program), and a record of what was asked.
class PlantedEvaluator final : public ProgramEvaluator {
 public:
  int depth() const override { return kDepth; }
  std::vector<Evaluation> evaluate(std::span<const EvaluationTask> tasks) const override {
    std::vector<Evaluation> evaluations;
    for (const EvaluationTask& task : tasks) {
      const std::lock_guard lock(mutex_);
      ++asked_;
      withAnswer_ += task.answerKnown;
      started_ += task.start != nullptr;
      seen_.insert(task.example->id + "|" + task.program.text());
      Evaluation evaluation;
      evaluation.verdict = verdictOf(*task.example, task.program);
      evaluation.executed = task.program.executed();
      evaluation.unique = task.program.unique();
      evaluation.text = task.example->question + task.program.text();
      evaluation.prefillLayerTokens = 10 * task.program.executed();
      evaluation.decodeLayerTokens = task.program.executed();
      evaluations.push_back(evaluation);
    }
    return evaluations;
  }
  static Verdict verdictOf(const Example& example, const Program& program) {
    return static_cast<Verdict>(stableHash(example.question + program.text()) % 3);
  }
  mutable std::mutex mutex_;
  mutable std::size_t asked_ = 0, withAnswer_ = 0, started_ = 0;
  mutable std::set<std::string> seen_;
};

class FixedPolicy final : public Policy {
 public:
  explicit FixedPolicy(std::vector<std::string> programs) {
    for (const std::string& text : programs) programs_.push_back(Program::parse(text, kDepth));
  }
  std::vector<Program> rank(const Example&, int) const override { return programs_; }
  std::int64_t choosingLayerTokens(const Example& example) const override { return *example.level; }

 private:
  std::vector<Program> programs_;
};

std::vector<Example> examples(int n) {
  std::vector<Example> list;
  for (int i = 0; i < n; ++i) list.push_back(plantedExample(i));
  return list;
}

std::vector<NamedPolicy> policies() {
  std::vector<NamedPolicy> list;
  list.push_back({"standard", std::make_unique<FixedPolicy>(std::vector<std::string>{"0-5"})});
  list.push_back({"a", std::make_unique<FixedPolicy>(std::vector<std::string>{"1-5", "0-5", "0-5,5"})});
  list.push_back({"b", std::make_unique<FixedPolicy>(std::vector<std::string>{"0-5,5", "1-5"})});
  return list;
}

std::string written(const SetResult& set) {
  const TemporaryFolder folder;
  writeSetResult(folder.path() / "set.json", set);
  return slurp(folder.path() / "set.json");
}

}  // namespace

TEST_CASE("every verdict is executed, a program of several policies once, rows in the order of the examples") {
  const PlantedEvaluator evaluator;
  const auto list = examples(25);
  const SetResult set = evaluateSet("test", true, list, 100, policies(), evaluator, {5, 3});
  CHECK(evaluator.asked_ == 25 * 3);
  CHECK(evaluator.seen_.size() == 25 * 3);
  CHECK(set.name == "test");
  CHECK(set.inDistribution);
  CHECK(set.depth == kDepth);
  CHECK(set.available == 100);
  REQUIRE(set.policies.size() == 3);
  CHECK(set.policies[1].policy == "a");
  for (const PolicyResult& result : set.policies) {
    REQUIRE(result.rows.size() == list.size());
    for (std::size_t i = 0; i < list.size(); ++i) {
      const Row& row = result.rows[i];
      CHECK(row.exampleId == list[i].id);
      CHECK(row.level == list[i].level);
      CHECK(row.choosingLayerTokens == *list[i].level);
      for (const Trial& one : row.trials) {
        const Program program = Program::parse(one.program, kDepth);
        CHECK(one.verdict == PlantedEvaluator::verdictOf(list[i], program));
        CHECK(one.text == list[i].question + one.program);
        CHECK(one.executed == program.executed());
        CHECK(one.prefillLayerTokens == 10 * program.executed());
      }
    }
  }
  CHECK(set.policies[1].rows[0].trials[0].program == "1-5");
  CHECK(set.policies[2].rows[0].trials[1].program == "1-5");
}

TEST_CASE("the result does not depend on the number of workers") {
  const PlantedEvaluator evaluator;
  const std::string one = written(evaluateSet("test", true, examples(40), 40, policies(), evaluator, {5, 1}));
  for (const int workers : {2, 4, 7})
    CHECK(written(evaluateSet("test", true, examples(40), 40, policies(), evaluator, {5, workers})) == one);
}

TEST_CASE("answers are timed one by one, on as many questions as asked for") {
  const PlantedEvaluator evaluator;
  SetResult set = evaluateSet("test", true, examples(10), 10, policies(), evaluator, {5, 2, 4});
  CHECK(evaluator.asked_ == 10 * 3 + 4 * 3);
  CHECK(evaluator.withAnswer_ == 10 * 3);
  for (const PolicyResult& result : set.policies)
    for (std::size_t i = 0; i < result.rows.size(); ++i) {
      CHECK(result.rows[i].seconds.has_value() == (i < 4));
      CHECK(result.rows[i].seconds.value_or(0) >= 0);
    }
  CHECK(summarise(set, 0.95)[1].seconds.has_value());
  CHECK_FALSE(summarise(evaluateSet("test", true, examples(3), 3, policies(), evaluator, {5, 2}), 0.95)[1].seconds);
  set = evaluateSet("test", true, examples(3), 3, policies(), evaluator, {5, 2, 99});
  CHECK(set.policies[0].rows[2].seconds);
}

TEST_CASE("a stop leaves by Stopped") {
  const PlantedEvaluator evaluator;
  std::atomic<int> asked = 0;
  CHECK_THROWS_AS(
      evaluateSet("test", true, examples(40), 40, policies(), evaluator, {5, 2}, [&] { return ++asked > 10; }),
      Stopped);
  CHECK(evaluator.asked_ == 10 * 3);
  CHECK_NOTHROW(evaluateSet("test", true, {}, 0, policies(), evaluator, {5, 2}, [] { return true; }));
}

TEST_CASE("a stopped evaluation goes on from its journal: nothing is run twice, and the same bytes") {
  const TemporaryFolder folder;
  const std::filesystem::path journal = folder.path() / "test.journal.jsonl";
  const std::string whole =
      written(evaluateSet("test", true, examples(40), 40, policies(), PlantedEvaluator{}, {5, 2}));
  const PlantedEvaluator evaluator;
  const SetEvaluationOptions options{5, 2, 0, journal};
  std::atomic<int> asked = 0;
  CHECK_THROWS_AS(
      evaluateSet("test", true, examples(40), 40, policies(), evaluator, options, [&] { return ++asked > 25; }),
      Stopped);
  // As a kill leaves it: the last line is not whole, so its question is run again.
  spill(journal, slurp(journal).substr(0, slurp(journal).size() - 20));
  CHECK_THROWS_AS(
      evaluateSet("test", true, examples(40), 40, policies(), evaluator, options, [&] { return ++asked > 35; }),
      Stopped);
  CHECK(written(evaluateSet("test", true, examples(40), 40, policies(), evaluator, options)) == whole);
  CHECK(evaluator.asked_ == (40 + 1) * 3);
  CHECK(written(evaluateSet("test", true, examples(40), 40, policies(), evaluator, options)) == whole);
  CHECK(evaluator.asked_ == (40 + 1) * 3);
}

TEST_CASE("a journal gives each policy its rows, whichever calls and machines they are of") {
  const TemporaryFolder folder;
  const std::filesystem::path journal = folder.path() / "test.journal.jsonl";
  const PlantedEvaluator evaluator;
  const Origin one{"machine one", "2.13.0", "polar run a.yaml"}, two{"machine two", "2.13.0", "polar eval a.yaml"};
  SetEvaluationOptions options{5, 1, 0, journal, {}, one};
  auto fewer = policies();
  fewer.pop_back();
  int asked = 0;
  CHECK_THROWS_AS(evaluateSet("test", true, examples(10), 10, fewer, evaluator, options, [&] { return ++asked > 4; }),
                  Stopped);
  CHECK(evaluator.asked_ == 4 * 3);
  // "b" is added, whose programs "a" has all run: those four questions have them run for it alone.
  options.origin = two;
  const SetResult set = evaluateSet("test", true, examples(10), 10, policies(), evaluator, options);
  CHECK(evaluator.asked_ == 4 * 3 + 4 * 2 + 6 * 3);
  CHECK(set.origins == std::vector<Origin>{one, two});
  SetResult whole = evaluateSet("test", true, examples(10), 10, policies(), evaluator, {5, 2});
  whole.origins = set.origins;
  CHECK(written(set) == written(whole));
  // Under other keys nothing of it is theirs.
  options.keys = {"x", "y", "z"};
  const auto before = evaluator.asked_;
  const SetResult other = evaluateSet("test", true, examples(10), 10, policies(), evaluator, options);
  CHECK(evaluator.asked_ == before + 10 * 3);
  CHECK(other.policies[1].key == "y");
}

TEST_CASE("a journal of another set is refused, by name") {
  const TemporaryFolder folder;
  const std::filesystem::path journal = folder.path() / "test.journal.jsonl";
  const PlantedEvaluator evaluator;
  evaluateSet("test", true, examples(4), 4, policies(), evaluator, {5, 2, 0, journal});
  const std::string bytes = slurp(journal);
  std::vector<Example> reversed = examples(4);
  std::reverse(reversed.begin(), reversed.end());
  const auto refused = [&](const std::vector<Example>& list, const auto& of) {
    CHECK_THROWS_WITH(evaluateSet("test", true, list, 4, of, evaluator, {5, 2, 0, journal}),
                      Catch::Contains("test.journal.jsonl: found rows of another set"));
  };
  refused(reversed, policies());
  refused(examples(3), policies());
  CHECK(slurp(journal) == bytes);

  // A line that is whole JSON but no row: what the message advises helps, the same call again would not.
  spill(journal, bytes + "{\"place\":0}\n");
  CHECK_THROWS_WITH(evaluateSet("test", true, examples(4), 4, policies(), evaluator, {5, 2, 0, journal}),
                    Catch::Contains("test.journal.jsonl: found no member 'rows'") &&
                        Catch::Contains("; remove this file; the same command then runs its questions again"));
  std::filesystem::remove(journal);
  CHECK_NOTHROW(evaluateSet("test", true, examples(4), 4, policies(), evaluator, {5, 2, 0, journal}));
}

TEST_CASE("errors of workers arrive whole, policies that break their contract are bugs") {
  const PlantedEvaluator evaluator;
  class Failing final : public Policy {
    std::vector<Program> rank(const Example&, int) const override { throw InputError("here", "this", "that"); }
  };
  std::vector<NamedPolicy> failing;
  failing.push_back({"failing", std::make_unique<Failing>()});
  CHECK_THROWS_AS(evaluateSet("test", true, examples(9), 9, failing, evaluator, {5, 3}), InputError);
  CHECK_THROWS_AS(evaluateSet("test", true, examples(9), 9, policies(), evaluator, {2, 3}), std::logic_error);
  std::vector<NamedPolicy> twice;
  twice.push_back({"twice", std::make_unique<FixedPolicy>(std::vector<std::string>{"0-5", "0-5"})});
  CHECK_THROWS_AS(evaluateSet("test", true, examples(9), 9, twice, evaluator, {5, 3}), std::logic_error);
}

namespace {

// Runs the standard program, then 1-5 where the first text is even in length, and keeps what the flag says.
class TwoStepPolicy final : public Policy {
 public:
  explicit TwoStepPolicy(bool keepsLater) : keepsLater_(keepsLater) {}
  std::vector<Program> rank(const Example&, int) const override { return {Program::standard(kDepth)}; }
  std::vector<Choice> further(const Example&, const std::vector<Outcome>& ran) const override {
    if (ran.size() > 1 || ran.front().text.size() % 2 != 0) return {};
    return {{Program::parse("1-5", kDepth)}};
  }
  std::size_t kept(const Example&, const std::vector<Outcome>& ran) const override {
    CHECK(ran.size() == 2);
    return keepsLater_ ? 1 : 0;
  }

 private:
  bool keepsLater_;
};

}  // namespace

TEST_CASE("a second program counts with its layers and tokens, and the kept one with its verdict") {
  for (const bool later : {true, false}) {
    std::vector<NamedPolicy> list;
    list.push_back({"two", std::make_unique<TwoStepPolicy>(later)});
    const auto questions = examples(12);  // question texts of 14 and 15 characters, "0-5" after them
    const PlantedEvaluator evaluator;
    const SetResult set = evaluateSet("s", true, questions, 12, list, evaluator, {1, 1, 11});
    std::size_t both = 0, timed = 0;  // questions with a second program; of them those that are timed
    for (std::size_t i = 0; i < questions.size(); ++i) {
      const Row& row = set.policies[0].rows[i];
      REQUIRE(row.trials.size() == 1);
      const bool two = (questions[i].question.size() + 3) % 2 == 0;
      both += two ? 1 : 0;
      timed += two && i < 11 ? 1 : 0;
      CHECK(row.trials[0].executed == (two ? 11 : 6));
      CHECK(row.trials[0].prefillLayerTokens == (two ? 110 : 60));  // 1-5 shares nothing with 0-5
      CHECK(row.trials[0].decodeLayerTokens == (two ? 11 : 6));
      CHECK(row.trials[0].program == (two && later ? "1-5" : "0-5"));
      CHECK(row.trials[0].verdict ==
            PlantedEvaluator::verdictOf(questions[i], Program::parse(row.trials[0].program, kDepth)));
      CHECK(row.seconds.has_value() == (i < 11));
    }
    CHECK(both > 0);
    CHECK(both < 12);
    CHECK(timed > 0);
    CHECK(evaluator.asked_ == 12 + both + 11 + timed);
  }
}

namespace {

// Always runs all of `programs`, and draws of the first one where they repeat.
class ManyRunsPolicy final : public Policy {
 public:
  ManyRunsPolicy(std::vector<std::string> programs, std::size_t kept, int layersRead = 0)
      : kept_(kept), layersRead_(layersRead) {
    for (const std::string& text : programs) programs_.push_back(Program::parse(text, kDepth));
  }
  std::vector<Program> rank(const Example&, int) const override { return {programs_.front()}; }
  std::vector<Choice> further(const Example&, const std::vector<Outcome>& ran) const override {
    std::vector<Choice> choices;
    if (ran.size() > 1) return choices;
    for (std::size_t i = 1; i < programs_.size(); ++i)
      choices.push_back({programs_[i], programs_[i] == programs_.front() ? 0.7 : 0.0, i});
    return choices;
  }
  std::size_t kept(const Example&, const std::vector<Outcome>&) const override { return kept_; }
  std::int64_t choosingLayerTokens(const Example&) const override { return 7; }
  int promptLayersRead(const Example&) const override { return layersRead_; }
  std::shared_ptr<const PromptStart> start(const Example&) const override {
    static const int somewhere = 0;  // nobody looks into it here
    return {std::shared_ptr<const void>(),
            reinterpret_cast<const PromptStart*>(layersRead_ > 0 ? &somewhere : nullptr)};
  }

 private:
  std::vector<Program> programs_;
  std::size_t kept_;
  int layersRead_;
};

}  // namespace

TEST_CASE(
    "an answer of several runs: layers that programs begin with alike are prefilled once, decoding is each one's") {
  const std::vector<std::pair<std::vector<std::string>, int>> cases = {
      {{"0-5", "0-3,5", "0-3,3-5", "0-2,4-5"}, 6 + 1 + 3 + 2},  // after 0-3, 0-3 and 0-2
      {{"0-5", "0-5", "0-5"}, 6},                               // one program, drawn again
      {{"0-5", "1-5", "2-5"}, 15},                              // nothing shared
      {{"", "0-5"}, 6}};
  for (const auto& [programs, nodes] : cases)
    for (const std::size_t kept : {std::size_t{0}, programs.size() - 1}) {
      std::vector<NamedPolicy> list;
      list.push_back({"standard", std::make_unique<FixedPolicy>(std::vector<std::string>{"0-5"})});
      list.push_back({"many", std::make_unique<ManyRunsPolicy>(programs, kept)});
      const SetResult set = evaluateSet("s", true, examples(3), 3, list, PlantedEvaluator{}, {1, 1});
      int executed = 0;
      for (const std::string& text : programs) executed += Program::parse(text, kDepth).executed();
      const Row& row = set.policies[1].rows[1];
      CAPTURE(programs, kept);
      CHECK(row.trials[0].program == programs[kept]);
      CHECK(row.trials[0].executed == executed);
      CHECK(row.trials[0].prefillLayerTokens == 10 * nodes);
      CHECK(row.trials[0].decodeLayerTokens == executed);
      CHECK(totalLayerTokens(row) == 10 * nodes + executed + 7);
      const Summary many = summarise(set, 0.95)[1];
      CHECK(many.totalLayerTokens == 10 * nodes + executed + 7);
      CHECK(many.costRatio == (10 * nodes + executed + 7) / 68.0);  // beside 60 + 6, and 2 for choosing: levels 1, 2, 3
    }
}

TEST_CASE("layers that choosing reads of the prompt and a program begins with count once, and runs go on from them") {
  const std::
      vector<std::tuple<std::vector<std::string>, int, int>>
          cases = {// programs, layers read, not shared
                   {{"0-5"}, 0, 0},          {{"0-5"}, 4, 0},     {{"0-5"}, 6, 0},
                   {{"0-3,5"}, 4, 0},  // edited after what was read
                   {{"0-3,3-5"}, 4, 0},      {{"0-3,3-5"}, 6, 2}, {{"0-2,4-5"}, 4, 1},
                   {{"1-5"}, 4, 4},          {{"0-1"}, 4, 2},     {{""}, 3, 3},
                   {{"1-5", "0-2,5"}, 4, 1},  // the second run begins with three of them
                   {{"0-5", "0-5"}, 4, 0}};
  for (const auto& [programs, read, apart] : cases) {
    CAPTURE(programs, read);
    std::vector<NamedPolicy> list;
    list.push_back({"standard", std::make_unique<FixedPolicy>(std::vector<std::string>{"0-5"})});
    list.push_back({"reading", std::make_unique<ManyRunsPolicy>(programs, 0, read)});
    const PlantedEvaluator evaluator;
    const SetResult set = evaluateSet("s", true, examples(3), 3, list, evaluator, {1, 1, 2});
    const Row& row = set.policies[1].rows[1];
    CHECK(row.choosingLayerTokens == 10 * apart + 7);
    CHECK(row.trials[0].prefillLayerTokens ==
          10 * distinctLayers({Program::parse(programs.front(), kDepth), Program::parse(programs.back(), kDepth)}));
    CHECK(set.policies[0].rows[1].choosingLayerTokens == 2);  // its level
    // What is timed goes on from the start, each of its runs; rows themselves know the answer.
    CHECK(evaluator.started_ == (read > 0 ? 2 * programs.size() : 0));
  }
}

TEST_CASE("a choice that a policy asks for twice is one run") {
  class Twice final : public Policy {
    std::vector<Program> rank(const Example&, int) const override { return {Program::standard(kDepth)}; }
    std::vector<Choice> further(const Example&, const std::vector<Outcome>& ran) const override {
      if (ran.size() > 1) return {};
      return {{Program::parse("0-4", kDepth)}, {Program::parse("0-4", kDepth)}};
    }
  };
  std::vector<NamedPolicy> list;
  list.push_back({"twice", std::make_unique<Twice>()});
  const PlantedEvaluator evaluator;
  const SetResult set = evaluateSet("s", true, examples(1), 1, list, evaluator, {1, 1});
  CHECK(evaluator.asked_ == 2);
  CHECK(set.policies[0].rows[0].trials[0].executed == 11);
  CHECK(set.policies[0].rows[0].trials[0].prefillLayerTokens == 60);
  CHECK(set.policies[0].rows[0].trials[0].decodeLayerTokens == 11);
}
