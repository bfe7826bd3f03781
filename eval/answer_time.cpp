#include "eval/answer_time.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>
#include <vector>

namespace polar {
namespace {

// To be decoded as for a new question: the executor drafts with a reference answer that it knows.
EvaluationTask unknown(const Example& asked, const Choice& choice, const PromptStart* start) {
  return {&asked, choice.program, choice.temperature, choice.seed, /*answerKnown=*/false, start};
}

double secondsSince(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// As a caller would wait: choosing, the first choice's answer, and those that it asks for, round by round, all from
// where choosing left the prompt.
double secondsToAnswer(const Example& asked, const Policy& policy, const ProgramEvaluator& evaluator, int topK) {
  const auto begin = std::chrono::steady_clock::now();
  const std::shared_ptr<const PromptStart> start = policy.start(asked);
  std::vector<Outcome> ran;
  for (std::vector<Choice> asks{policy.choices(asked, topK).front()}; !asks.empty();
       asks = policy.further(asked, ran)) {
    std::vector<EvaluationTask> tasks;
    for (const Choice& each : asks) tasks.push_back(unknown(asked, each, start.get()));
    for (Evaluation& answer : evaluator.evaluate(tasks)) ran.push_back({answer.margin, std::move(answer.text)});
  }
  return secondsSince(begin);
}

}  // namespace

void measureAnswerTimes(SetResult& set, const std::vector<Example>& examples, const std::vector<NamedPolicy>& policies,
                        const ProgramEvaluator& evaluator, int topK, int questions, const std::function<bool()>& stop) {
  const std::size_t count = std::min(examples.size(), static_cast<std::size_t>(std::max(0, questions)));
  // Policy by policy: what one has read of a question must not be remembered for the next.
  for (std::size_t p = 0; p < policies.size(); ++p)
    for (std::size_t i = 0; i < count; ++i) {
      if (stop && stop()) return;
      set.policies[p].rows[i].seconds = secondsToAnswer(examples[i], *policies[p].policy, evaluator, topK);
    }
}

}  // namespace polar
