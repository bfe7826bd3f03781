#include "eval/answer_time.h"

#include <algorithm>
#include <chrono>
#include <span>

namespace polar {
namespace {

// The executor drafts with the reference answer; with one that no question has, it must decode as for a new question.
Example withoutAnswer(Example example) {
  example.answer = "(not known)";
  return example;
}

double secondsSince(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

void measureAnswerTimes(SetResult& set, const std::vector<Example>& examples,
                        const std::vector<std::unique_ptr<Policy>>& policies, const ProgramEvaluator& evaluator,
                        int topK, int questions, const std::function<bool()>& stop) {
  const std::size_t count = std::min(examples.size(), static_cast<std::size_t>(std::max(0, questions)));
  for (std::size_t i = 0; i < count; ++i) {
    if (stop && stop()) return;
    const Example asked = withoutAnswer(examples[i]);
    for (std::size_t p = 0; p < policies.size(); ++p) {
      const auto begin = std::chrono::steady_clock::now();
      const EvaluationTask task{&asked, policies[p]->rank(asked, topK).front(), 0, 0};
      evaluator.evaluate(std::span(&task, 1));
      set.policies[p].rows[i].seconds = secondsSince(begin);
    }
  }
}

}  // namespace polar
