// ProgramEvaluator: the seam between bookkeeping (search, policies) and compute. Search labels and test verdicts come
// from the same implementation.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/example.h"
#include "evaluation/evaluation.h"
#include "program/program.h"

namespace polar {

struct EvaluationTask {
  const Example* example = nullptr;
  Program program;
  double temperature = 0;  // 0 = greedy; see ExecutionRequest
  std::uint64_t seed = 0;
  // False: the executor does not get the reference answer, neither as a draft nor to score it (answerLogprob is NaN); it
  // decodes as for a new question. The verdict is given all the same.
  bool answerKnown = true;
};

class ProgramEvaluator {
 public:
  virtual ~ProgramEvaluator() = default;
  virtual int depth() const = 0;
  // Results in the order of the tasks; each a pure function of its task. Thread-safe: workers call it at the same time.
  virtual std::vector<Evaluation> evaluate(std::span<const EvaluationTask> tasks) const = 0;
};

class ProgramExecutor;
class PromptBuilder;
struct DecodingOptions;

// How the template's answers end: end of sequence, the answer's closing brace, the stop string, the token limit. Holds a
// pointer to the builder's tokenizer.
DecodingOptions decodingOptions(const PromptBuilder& prompts, int maxNewTokens);

// How an example with options is answered (YAML `prompt.multiple_choice`); the others are generated either way.
enum class MultipleChoice {
  generate,          // as any other, then the letter found in the text
  letterLikelihood,  // the likeliest of the options' letters behind the prompt, by one pass over it
};

// "generate" or "letter_likelihood"; InputError on another.
MultipleChoice multipleChoice(const std::string& name);

// Prompt → executor → text → grade. The executor must have been made with the builder's decodingOptions.
// By likelihood, the text is the letter, the rule "likelihood/letter", the answer's log-probability the reference
// letter's over the whole vocabulary, and the margin that of the best letter to the second.
std::unique_ptr<ProgramEvaluator> makeModelEvaluator(std::shared_ptr<const ProgramExecutor> executor,
                                                     std::shared_ptr<const PromptBuilder> prompts, int depth,
                                                     MultipleChoice choice = MultipleChoice::generate);

}  // namespace polar
