#include "search/oracle_search.h"

#include <atomic>
#include <chrono>
#include <set>
#include <stdexcept>
#include <thread>

#include "catch.h"
#include "data/reader.h"
#include "planted.h"
#include "search/strategies.h"
#include "support/error.h"

namespace polar {
namespace {

using testing::PlantedEvaluator;

constexpr int kDepth = 6;
const PlantedEvaluator kHashed(kDepth, testing::hashedVerdict);

OracleSearchOptions options() {
  OracleSearchOptions options;
  options.search = {.strategy = "random", .budget = 40, .maxEdits = 2, .samples = 3};
  return options;
}

std::vector<Example> examples(int count) {
  std::vector<Example> examples;
  for (int i = 0; i < count; ++i) examples.push_back(testing::example("set/" + std::to_string(i)));
  return examples;
}

std::vector<std::string> ids(const std::vector<Example>& examples) {
  std::vector<std::string> ids;
  for (const Example& example : examples) ids.push_back(example.id);
  return ids;
}

LabelProvenance provenance() {
  LabelProvenance provenance;
  provenance.depth = kDepth;
  provenance.fingerprint = std::string(64, 'a');
  return provenance;
}

// Merged bytes of a search in `folder`, continued until it is done where `stopAfter` examples stop it each time.
std::string mergedBytes(const std::vector<Example>& all, const OracleSearchOptions& options, int stopAfter = 0) {
  const testing::TemporaryFolder folder;
  const auto labels = folder.path() / "labels";
  for (bool done = false; !done;) {
    LabelWriter writer(labels, provenance());
    std::atomic<int> asked = 0;
    try {
      runOracleSearch(all, kHashed, options, writer, [&] { return stopAfter > 0 && asked++ >= stopAfter; });
      done = true;
    } catch (const Stopped&) {
    }
  }
  mergeParts(labels, folder.path() / "labels.h5", ids(all));
  return testing::slurp(folder.path() / "labels.h5");
}

}  // namespace

TEST_CASE("an example's labels: the strategy's programs in asking order, then the samples") {
  const Example example = testing::example("one");
  const ExampleLabels labels = searchExample(example, kHashed, options());
  REQUIRE(labels.programs.size() == 40 + 3);
  CHECK(labels.example.id == "one");
  CHECK(labels.standardVerdict == labels.programs[0].evaluation.verdict);
  CHECK(labels.programs[0].program == Program::standard(kDepth));
  CHECK(labels.programs[0].origin == "standard");

  const auto asked = makeStrategy({options().search, kDepth, Random(1, "one").next()})->ask(40);
  std::set<std::string> sampleTexts;
  for (std::size_t i = 0; i < labels.programs.size(); ++i) {
    const LabelledProgram& each = labels.programs[i];
    CHECK(each.order == i);
    if (i < 40) {
      CHECK(each.program == asked[i].program);
      CHECK(each.parent == asked[i].parent);
      if (i > 0) CHECK(each.origin == "random");
      CHECK(each.evaluation.right() == testing::hashedVerdict({&example, each.program}));
      CHECK(each.evaluation.text == each.program.text());  // greedy
    } else {
      CHECK(each.program == Program::standard(kDepth));
      CHECK(each.parent == 0);
      CHECK(each.origin == "sample");
      const std::uint64_t seed = Random(1, "one/sample/" + std::to_string(i - 40)).next();
      CHECK(each.evaluation.text == "0-5 at seed " + std::to_string(seed));
      sampleTexts.insert(each.evaluation.text);
    }
  }
  CHECK(sampleTexts.size() == 3);
}

TEST_CASE("labels depend on the run's seed and the example") {
  const auto programs = [](const char* id, std::uint64_t seed) {
    OracleSearchOptions own = options();
    own.seed = seed;
    std::string text;
    for (const auto& each : searchExample(testing::example(id), kHashed, own).programs)
      text += each.evaluation.text + ";";
    return text;
  };
  CHECK(programs("a", 1) == programs("a", 1));
  CHECK(programs("a", 1) != programs("a", 2));
  CHECK(programs("a", 1) != programs("b", 1));
}

TEST_CASE("the split follows the question") {
  int validation = 0;
  for (const Example& example : examples(400)) {
    OracleSearchOptions own = options();
    own.search.budget = 1;
    own.search.samples = 0;
    const std::string split = searchExample(example, kHashed, own).split;
    CHECK(split == (inFraction(example, 0.25, 1) ? "validation" : "train"));
    validation += split == "validation";
  }
  CHECK(validation > 65);  // 100 expected, standard deviation 8.7
  CHECK(validation < 135);
}

TEST_CASE("labels are the same bytes for any workers, part size, stop and resume") {
  const auto all = examples(23);
  OracleSearchOptions judge = options();
  judge.search.partExamples = 1000;
  const std::string bytes = mergedBytes(all, judge);
  REQUIRE(bytes.size() > 1000);
  for (const int workers : {1, 2, 5})
    for (const int partExamples : {1, 4, 64}) {
      INFO(workers << " workers, " << partExamples << " examples a part");
      OracleSearchOptions other = options();
      other.workers = workers;
      other.search.partExamples = partExamples;
      CHECK(mergedBytes(all, other) == bytes);
      CHECK(mergedBytes(all, other, 5) == bytes);
    }
  OracleSearchOptions reseeded = judge;
  reseeded.seed = 2;
  CHECK(mergedBytes(all, reseeded) != bytes);
}

TEST_CASE("a stop commits what is finished and says how to go on") {
  const testing::TemporaryFolder folder;
  const auto all = examples(10);
  std::string message;
  std::int64_t searched = 0;
  {
    LabelWriter writer(folder.path(), provenance());
    int asked = 0;  // once for each group: of ten questions one worker takes two at a time
    try {
      runOracleSearch(all, kHashed, options(), writer, [&] { return asked++ >= 2; },
                      {{}, [&](const SearchSummary& summary) { searched = summary.questions; }});
    } catch (const Stopped& stopped) {
      message = stopped.what();
    }
  }
  CHECK(searched == 4);
  CHECK(message == "search stopped with 6 of 10 examples to go; run the same command to resume");
  const std::vector<std::string> finished = {"set/0", "set/1", "set/2", "set/3"};
  CHECK(LabelWriter(folder.path(), provenance()).committed() == finished);
}

TEST_CASE("as many examples are searched at the same time as there are workers") {
  for (const int workers : {1, 3}) {
    const testing::TemporaryFolder folder;
    std::atomic<int> running = 0, most = 0;
    const PlantedEvaluator meeting(kDepth, [&](const EvaluationTask&) {
      const int now = ++running;
      for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
      }
      // Wait for the others, but not without end.
      for (int i = 0; i < 5000 && most < workers; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      --running;
      return true;
    });
    OracleSearchOptions own = options();
    own.workers = workers;
    LabelWriter writer(folder.path(), provenance());
    runOracleSearch(examples(12), meeting, own, writer);
    CHECK(most == workers);
  }
}

TEST_CASE("statistics are means over the examples that have them") {
  const testing::TemporaryFolder folder;
  // The standard program answers the first, every shorter program the second, none the third.
  const PlantedEvaluator evaluator(kDepth, [](const EvaluationTask& task) {
    if (task.example->id == "set/0") return true;
    return task.example->id == "set/1" && task.program.executed() < kDepth;
  });
  OracleSearchOptions own;
  own.search = {.budget = 30, .maxEdits = 2, .maxLength = 1, .maxTimes = 2};
  const auto all = examples(3);
  LabelWriter writer(folder.path(), provenance());
  std::vector<std::string> observed;
  const auto observe = [&](const SearchedExample& searched) {
    observed.push_back(searched.labels.example.id);
    CHECK(searched.labels.programs.size() == 30);
    CHECK(searched.statistics.at("found") == (observed.size() < 3));
    CHECK(writer.committed().empty());
  };
  int ends = 0;
  const auto end = [&](const SearchSummary&) { ++ends; };
  const SearchSummary summary = runOracleSearch(all, evaluator, own, writer, {}, {observe, end});
  const SearchStatistics expected = {
      {"evaluations", 30}, {"found", 2.0 / 3},   {"standard_right", 1.0 / 3},    {"rescued", 0.5},
      {"first_valid", 2},  {"best_executed", 4}, {"multi_edit_share", 17.0 / 29}};
  CHECK(summary.means == expected);
  CHECK(summary.questions == 3);
  CHECK(summary.evaluations == 90);
  CHECK(summary.seconds >= summary.writing);
  CHECK(observed == ids(all));
  const SearchSummary again = runOracleSearch(all, evaluator, own, writer, {}, {observe, end});
  CHECK(ends == 1);
  CHECK(again.means.empty());
  CHECK(again.questions == 0);
}

TEST_CASE("a finished search asks for nothing more") {
  const testing::TemporaryFolder folder;
  std::atomic<int> calls = 0;
  const PlantedEvaluator counting(kDepth, [&](const EvaluationTask&) { return ++calls > 0; });
  for (const int expected : {43 * 5, 43 * 5}) {
    LabelWriter writer(folder.path(), provenance());
    runOracleSearch(examples(5), counting, options(), writer);
    CHECK(calls == expected);
  }
}

TEST_CASE("an evaluator's exception reaches the caller as itself") {
  const testing::TemporaryFolder folder;
  const PlantedEvaluator broken(kDepth, [](const EvaluationTask& task) -> bool {
    if (task.example->id == "set/3") throw InputError("example", "a", "b");
    return true;
  });
  OracleSearchOptions own = options();
  own.workers = 3;
  LabelWriter writer(folder.path(), provenance());
  CHECK_THROWS_AS(runOracleSearch(examples(8), broken, own, writer), InputError);
}

TEST_CASE("what was committed before an exception stays, and a search goes on from there") {
  const testing::TemporaryFolder folder;
  std::atomic<bool> fails = true;
  const PlantedEvaluator broken(kDepth, [&](const EvaluationTask& task) -> bool {
    if (fails && task.example->id == "set/39") throw std::runtime_error("broken");
    return testing::hashedVerdict(task);
  });
  const auto all = examples(40);  // of 43 programs each: one worker takes five at a time
  OracleSearchOptions own = options();
  own.search.partExamples = 5;
  {
    LabelWriter writer(folder.path() / "labels", provenance());
    CHECK_THROWS_AS(runOracleSearch(all, broken, own, writer), std::runtime_error);
  }
  fails = false;
  LabelWriter writer(folder.path() / "labels", provenance());
  CHECK(writer.committed().size() == 35);
  CHECK(runOracleSearch(all, broken, own, writer).questions == 5);
  mergeParts(folder.path() / "labels", folder.path() / "labels.h5", ids(all));
  CHECK(testing::slurp(folder.path() / "labels.h5") == mergedBytes(all, options()));
}

}  // namespace polar
