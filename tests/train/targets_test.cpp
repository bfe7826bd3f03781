#include "train/targets.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "catch.h"
#include "train/batches.h"

namespace polar {
namespace {

constexpr int kDepth = 6;

LabelledProgram label(const char* program, Verdict verdict, std::uint32_t order, const char* origin = "mcts") {
  LabelledProgram labelled;
  labelled.program = Program::parse(program, kDepth);
  labelled.evaluation.verdict = verdict;
  labelled.order = order;
  labelled.origin = origin;
  return labelled;
}

ExampleLabels question(const std::string& split, std::vector<LabelledProgram> programs) {
  ExampleLabels labels;
  labels.split = split;
  labels.programs = std::move(programs);
  return labels;
}

std::vector<double> weights(const QuestionTargets& question) {
  std::vector<double> result;
  for (const ProgramTarget& target : question.programs) result.push_back(target.weight);
  return result;
}

bool near(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (std::abs(a[i] - b[i]) > 1e-12) return false;
  return true;
}

}  // namespace

TEST_CASE("a program becomes the boundaries and ops of its canonical parse") {
  // keep 0-1 | repeat 2-3 | skip 4 | keep 5
  const auto target = programTarget(Program::parse("0-3,2-3,5", kDepth), kDepth);
  REQUIRE(target);
  CHECK(target->boundaries == std::vector<float>{1, 0, 1, 0, 1, 1});
  CHECK(target->ops == std::vector<std::int64_t>{1, -1, 2, -1, 0, 1});
  // The standard program: keep 0-3 | keep 4-5.
  const auto standard = programTarget(Program::standard(kDepth), kDepth);
  REQUIRE(standard);
  CHECK(standard->boundaries == std::vector<float>{1, 0, 0, 0, 1, 0});
  CHECK(standard->ops == std::vector<std::int64_t>{1, -1, -1, -1, 1, -1});
}

TEST_CASE("three passes, a run of five repeated, and going back have no target") {
  for (const char* text : {"0-2,2,2-5", "0-4,0-5", "3-5,0-2"})
    CHECK_FALSE(programTarget(Program::parse(text, kDepth), kDepth));
  CHECK_FALSE(programTarget(Program::standard(kDepth + 1), kDepth));
}

TEST_CASE("right programs of the split, shortest first, each question of weight 1") {
  const std::vector<ExampleLabels> labels{
      question("train", {label("0-5", Verdict::right, 0, "standard"), label("0-5", Verdict::right, 1, "sample"),
                         label("0-2,2-5", Verdict::right, 2), label("1-5", Verdict::right, 3),
                         label("0-4", Verdict::wrong, 4), label("0-2,4-5", Verdict::right, 5),
                         label("0,0,0-5", Verdict::right, 6), label("0-3,5", Verdict::undecided, 7)}),
      question("train", {label("0-5", Verdict::right, 0), label("0,0-5", Verdict::right, 1)}),
      question("train", {label("0-5", Verdict::wrong, 0), label("0-5", Verdict::right, 1, "sample")}),
      question("validation", {label("0-1,4-5", Verdict::right, 1)})};
  TrainSettings settings;
  TargetSet set = makeTargets(labels, "train", kDepth, settings, 1);
  REQUIRE(set.questions.size() == 3);
  CHECK(set.questions[2].programs.empty());
  leaveOutQuestionsWithoutTargets(set);
  REQUIRE(set.questions.size() == 2);
  CHECK(set.programs == 6);
  CHECK(set.dropped == 1);
  // 1-5, 0-2,4-5 (both of five layers, in asking order), the standard program, the loop.
  CHECK(near(weights(set.questions[0]), {1 / 3.3, 1 / 3.3, 0.3 / 3.3, 1 / 3.3}));
  CHECK(set.questions[0].programs[0].ops[0] == 0);
  CHECK(set.questions[0].programs[3].ops == programTarget(Program::parse("0-2,2-5", kDepth), kDepth)->ops);
  // No shorter program: the standard one counts in full.
  CHECK(near(weights(set.questions[1]), {0.5, 0.5}));
  CHECK(makeTargets(labels, "validation", kDepth, settings, 1).questions.size() == 1);

  settings.maxPrograms = 2;
  settings.programChoice = "shortest";
  const TargetSet capped = makeTargets(labels, "train", kDepth, settings, 1);
  CHECK(capped.questions[0].programs[0].ops == programTarget(Program::parse("1-5", kDepth), kDepth)->ops);
  CHECK(near(weights(capped.questions[0]), {0.5, 0.5}));
  CHECK(capped.dropped == 1);
}

TEST_CASE("with a standard weight of 0 the standard program is no target") {
  TrainSettings settings;
  settings.standardWeight = 0;
  // The shorter program has no target (three passes of layer 5), so that nothing is left.
  const std::vector<ExampleLabels> labels{
      question("train", {label("0-5", Verdict::right, 0), label("4-5,5,5", Verdict::right, 1)})};
  const TargetSet set = makeTargets(labels, "train", kDepth, settings, 1);
  REQUIRE(set.questions.size() == 1);
  CHECK(set.questions[0].programs.empty());
  CHECK(set.dropped == 1);
}

namespace {

// The standard program, a loop, and ten shorter programs, all right; questions that differ by id alone.
std::vector<ExampleLabels> manyRightPrograms(int count) {
  std::vector<ExampleLabels> labels;
  for (int i = 0; i < count; ++i) {
    labels.push_back(
        question("train", {label("0-5", Verdict::right, 0, "standard"), label("0-2,2-5", Verdict::right, 1)}));
    labels.back().example.id = "many/" + std::to_string(i);
    std::uint32_t order = 2;
    for (const char* text : {"1-5", "0,2-5", "0-1,3-5", "0-2,4-5", "0-3,5", "0-4", "2-5", "0,3-5", "0-1,4-5", "0-2,5"})
      labels.back().programs.push_back(label(text, Verdict::right, order++));
  }
  return labels;
}

using Ops = std::vector<std::vector<std::int64_t>>;

std::map<std::string, Ops> opsById(const TargetSet& set) {
  std::map<std::string, Ops> ops;
  for (const QuestionTargets& question : set.questions)
    for (const ProgramTarget& target : question.programs) ops[question.labels->example.id].push_back(target.ops);
  return ops;
}

}  // namespace

TEST_CASE("of too many right programs a sample is taken: the standard program as often as any other") {
  auto labels = manyRightPrograms(600);
  TrainSettings settings;
  settings.maxPrograms = 4;
  const auto sampled = opsById(makeTargets(labels, "train", kDepth, settings, 1));
  std::map<std::vector<std::int64_t>, int> taken;
  for (const auto& [id, ops] : sampled) {
    CHECK(ops.size() == 4);
    CHECK(std::set<std::vector<std::int64_t>>(ops.begin(), ops.end()).size() == 4);
    for (const auto& each : ops) ++taken[each];
  }
  // 600 × 4 / 12 = 200 each, of standard deviation 11.5.
  CHECK(taken.size() == 12);
  for (const auto& [ops, times] : taken) CHECK(std::abs(times - 200) < 60);

  settings.programChoice = "shortest";
  const auto standard = programTarget(Program::standard(kDepth), kDepth)->ops;
  for (const auto& [id, ops] : opsById(makeTargets(labels, "train", kDepth, settings, 1)))
    CHECK(std::count(ops.begin(), ops.end(), standard) == 0);
}

TEST_CASE("a question's sample follows the seed and its id, not the other questions or their order") {
  auto labels = manyRightPrograms(40);
  TrainSettings settings;
  settings.maxPrograms = 4;
  const auto all = opsById(makeTargets(labels, "train", kDepth, settings, 1));
  CHECK(opsById(makeTargets(labels, "train", kDepth, settings, 2)) != all);
  std::reverse(labels.begin(), labels.end());
  CHECK(opsById(makeTargets(labels, "train", kDepth, settings, 1)) == all);
  labels.resize(7);
  for (const auto& [id, ops] : opsById(makeTargets(labels, "train", kDepth, settings, 1))) CHECK(ops == all.at(id));
  // Weights: 0.3 for the standard program, and 1 for a question in all.
  for (const QuestionTargets& question : makeTargets(labels, "train", kDepth, settings, 1).questions) {
    double sum = 0;
    for (const ProgramTarget& target : question.programs) sum += target.weight;
    CHECK(std::abs(sum - 1) < 1e-12);
  }
}

TEST_CASE("an epoch visits every pair once, and the same seed gives the same order") {
  std::vector<QuestionTargets> questions(5);
  const std::size_t sizes[] = {1, 20, 8, 9, 3};
  for (std::size_t q = 0; q < 5; ++q) questions[q].programs.resize(sizes[q]);
  Random a(7), b(7), c(8);
  const auto order = epochOrder(questions, a);
  CHECK(order.size() == pairCount(questions));
  CHECK(std::set<Pair>(order.begin(), order.end()).size() == 41);
  CHECK((order == epochOrder(questions, b)));
  CHECK((order != epochOrder(questions, c)));
  std::size_t changes = 1;
  for (std::size_t i = 1; i < order.size(); ++i) changes += order[i].question != order[i - 1].question ? 1 : 0;
  CHECK(changes <= 8);  // runs of at most 8: 1 + 3 + 1 + 2 + 1
  CHECK(batchCount(41, 8) == 6);
  CHECK(batchCount(40, 8) == 5);
}

TEST_CASE("how a batch is cut depends on the batch alone: pairs of a question together, short questions first") {
  std::vector<Pair> batch;
  for (const std::size_t q : {4, 4, 4, 2, 2, 0, 1, 3, 3, 4, 5, 6}) batch.push_back({q, batch.size()});
  const std::vector<std::int64_t> lengths{50, 10, 30, 20, 40, 60, 70};
  const auto parts = batchParts(batch, lengths);
  REQUIRE(parts.size() == 2);  // 4, 2, 0, 1, 3, 4, 5, 6: eight runs
  std::set<Pair> all;
  std::int64_t before = 0;
  for (const auto& part : parts)
    for (const Pair& pair : part) {
      all.insert(pair);
      CHECK(lengths[pair.question] >= before);
      before = lengths[pair.question];
    }
  CHECK((all == std::set<Pair>(batch.begin(), batch.end())));

  const auto sizesOf = [](std::size_t questions) {
    std::vector<Pair> each;
    for (std::size_t q = 0; q < questions; ++q) each.push_back({q, 0});
    std::vector<std::size_t> sizes;
    for (const auto& part : batchParts(each, std::vector<std::int64_t>(questions, 5))) sizes.push_back(part.size());
    return sizes;
  };
  CHECK(sizesOf(1) == std::vector<std::size_t>{1});
  CHECK(sizesOf(7) == std::vector<std::size_t>{7});
  CHECK(sizesOf(9) == std::vector<std::size_t>{5, 4});
  CHECK(sizesOf(128) == std::vector<std::size_t>(kBatchParts, 16));
}

}  // namespace polar
