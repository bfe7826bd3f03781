// The evaluator of a real model: prompt, executor, text, grade.
#pragma once

#include <memory>
#include <string>

#include "evaluation/evaluator.h"

namespace polar {

class ProgramExecutor;
class PromptBuilder;
struct DecodingOptions;

// How the template's answers end: end of sequence, the answer's closing brace, the
// stop string, the token limit. Holds a pointer to the builder's tokenizer.
DecodingOptions decodingOptions(const PromptBuilder& prompts, int maxNewTokens);

// How an example with options is answered (YAML `prompt.multiple_choice`); the others are generated either way.
enum class MultipleChoice {
  generate,          // as any other, then the letter found in the text
  letterLikelihood,  // the likeliest of the options' letters after the prompt, by one pass over it
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
