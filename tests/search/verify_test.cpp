// polar search --verify: labels re-run in other company come out bit for bit, and one that does not is found.
#include "search/verify.h"

#include <cmath>
#include <mutex>
#include <set>

#include "cli/command.h"

using namespace polar;
using namespace polar::testing;
namespace fs = std::filesystem;

namespace {

std::string searchCall(const fs::path& results, const std::string& more = "") {
  return "search configs/quickstart.yaml results_dir=" + results.string() +
         " data.train.limit=12 search.oracle_test=false search.samples=2 search.budget=20 " + more;
}

// Answers as stored, and keeps what it was asked.
class Planted final : public ProgramEvaluator {
 public:
  int depth() const override { return 4; }
  std::vector<Evaluation> evaluate(std::span<const EvaluationTask> tasks) const override {
    const std::lock_guard lock(mutex);
    std::vector<Evaluation> result;
    std::set<std::string> examples;
    for (const EvaluationTask& task : tasks) {
      asked.push_back(task.example->id + " " + task.program.text());
      examples.insert(task.example->id);
      result.push_back(of(task.example->id, task.program));
    }
    mixed = mixed || examples.size() > 1;
    sizes.insert(tasks.size());
    return result;
  }
  static Evaluation of(const std::string& id, const Program& program) {
    Evaluation evaluation;
    evaluation.verdict = static_cast<Verdict>((id.size() + program.layers().size()) % 3);
    evaluation.answerLogprob = -0.1F * static_cast<float>(program.layers().size());
    evaluation.margin = 0.25F;
    return evaluation;
  }
  mutable std::mutex mutex;
  mutable std::vector<std::string> asked;
  mutable std::set<std::size_t> sizes;
  mutable bool mixed = false;
};

LabelFile plantedLabels() {
  LabelFile file;
  for (int i = 0; i < 40; ++i) {
    ExampleLabels labels;
    labels.example.id = "e" + std::to_string(i);
    for (int length = 0; length < 12; ++length) {
      const Program program(std::vector<LayerIndex>(static_cast<std::size_t>(length), 1));
      labels.programs.push_back({program, Planted::of(labels.example.id, program), 0, -1, "random"});
    }
    labels.programs.push_back({Program::standard(4), {}, 0, -1, "sample"});  // would differ if it were run
    file.examples.push_back(labels);
  }
  return file;
}

}  // namespace

TEST_CASE("a sample of the labels is re-run, mixed, each once, the same for the same seed") {
  const LabelFile labels = plantedLabels();
  const Planted evaluator, again, other;
  const VerifyResult result = verifyLabels(labels, evaluator, {300, 1, 1});
  CHECK(result.checked == 300);
  CHECK(result.stored == 480);
  CHECK(result.differences.empty());
  CHECK(evaluator.mixed);
  CHECK(evaluator.sizes.size() > 3);
  CHECK(std::set<std::string>(evaluator.asked.begin(), evaluator.asked.end()).size() == 300);
  verifyLabels(labels, again, {300, 1, 1});
  verifyLabels(labels, other, {300, 2, 1});
  CHECK(evaluator.asked == again.asked);
  CHECK(evaluator.asked != other.asked);
  const Planted all;
  CHECK(verifyLabels(labels, all, {100000, 1, 3}).checked == 480);
}

TEST_CASE("differences are counted by kind, and bounds are the published ones") {
  LabelFile labels = plantedLabels();
  labels.examples[3].programs[2].evaluation.verdict = Verdict::undecided;
  labels.examples[3].programs[2].evaluation.margin = std::nextafter(0.25F, 1.0F);
  labels.examples[5].programs[7].evaluation.answerLogprob = NAN;
  const VerifyResult result = verifyLabels(labels, Planted(), {100000, 1, 1});
  const bool wasUndecided = Planted::of("e3", Program({1, 1})).verdict == Verdict::undecided;
  CHECK(result.flips == (wasUndecided ? 0 : 1));
  CHECK(result.margins == 1);
  CHECK(result.logprobs == 1);
  REQUIRE(result.differences.size() == 2);
  CHECK(result.differences[0].example == "e3");
  CHECK(has(result.text(), "differs    e5 program 1,1,1"));

  VerifyResult none;
  none.checked = 5000;
  CHECK(std::abs(none.flipBound() - 0.0006) < 1e-12);
  VerifyResult some;
  some.checked = 100;
  some.flips = 10;
  CHECK(std::abs(some.flipBound() - 0.1743656) < 1e-6);  // Wilson, 10 of 100 (Brown, Cai, DasGupta 2001, formula 4)
}

TEST_CASE("polar search --verify finds no flip, and exits with 4 where a label was changed") {
  const TemporaryFolder folder;
  const auto result = polarCommand(searchCall(folder.path(), "--verify 150"));
  INFO(result.err);
  REQUIRE(result.status == 0);
  CHECK(has(result.out, "verified   150 of 240 labels"));
  CHECK(has(result.out, "flips      0 verdicts; with 95 % confidence at most 2 %"));
  CHECK(has(result.out, "margin     0 differ"));

  const fs::path file = folder.path() / "quickstart/labels.h5";
  LabelFile labels = readLabels(file);
  Evaluation& changed = labels.examples[7].programs[11].evaluation;
  changed.margin = std::nextafter(changed.margin, 1000.0F);
  writeLabels(file, labels);
  const auto failed = polarCommand(searchCall(folder.path(), "--verify 100000"));
  CHECK(failed.status == 4);
  CHECK(has(failed.out, "flips      0 verdicts"));
  CHECK(has(failed.out, "margin     1 differ"));
  CHECK(has(failed.out, "differs    " + labels.examples[7].example.id + " program " +
                            labels.examples[7].programs[11].program.text()));
  CHECK(has(failed.err, "1 of 240 labels came out otherwise"));
  CHECK(polarCommand(searchCall(folder.path(), "--verify 0")).status == 2);
}
