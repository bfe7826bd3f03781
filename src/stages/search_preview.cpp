#include "stages/search_preview.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "stages/search_options.h"
#include "support/hash.h"

namespace polar {
namespace {

constexpr std::size_t kQuestions = 200;
constexpr std::size_t kPrograms = 100000;  // in all: a second or two of bookkeeping

// A verdict for every program of every question, the same each time, one in three right.
class MadeUpEvaluator final : public ProgramEvaluator {
 public:
  explicit MadeUpEvaluator(int depth) : depth_(depth) {}

  int depth() const override { return depth_; }
  std::vector<Evaluation> evaluate(std::span<const EvaluationTask> tasks) const override {
    std::vector<Evaluation> evaluations;
    for (const EvaluationTask& task : tasks) {
      const std::uint64_t draw = stableHash(task.example->question + "\n" + task.program.text());
      Evaluation& evaluation = evaluations.emplace_back();
      evaluation.verdict = draw % 3 == 0 ? Verdict::right : Verdict::wrong;
      evaluation.answerLogprob = -static_cast<float>(draw % 1000) / 100;
      evaluation.margin = static_cast<float>(draw % 100) / 10;
      evaluation.executed = task.program.executed();
      evaluation.unique = task.program.unique();
    }
    return evaluations;
  }

 private:
  int depth_;
};

}  // namespace

SearchPreview previewSearch(const Session& session, const std::vector<Example>& examples) {
  OracleSearchOptions options = searchOptions(session);
  options.search.samples = 0;
  const MadeUpEvaluator evaluator(session.model()->depth());
  SearchPreview preview;
  std::set<Program> common;
  std::size_t programs = 0;
  for (const Example& example : examples) {
    if (preview.questions == kQuestions || programs > kPrograms) break;
    std::set<Program> asked;
    for (const LabelledProgram& each : searchExample(example, evaluator, options).programs) asked.insert(each.program);
    programs += asked.size();
    if (preview.questions++ == 0) {
      common = std::move(asked);
      continue;
    }
    std::erase_if(common, [&](const Program& program) { return !asked.contains(program); });
  }
  preview.common = common.size();
  preview.programs = static_cast<double>(programs) / static_cast<double>(std::max<std::size_t>(1, preview.questions));
  return preview;
}

}  // namespace polar
