// Prompts from templates: what a question looks like to the LLM.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "data/example.h"
#include "text/tokenizer.h"

namespace polar {

// prompt = chat-wrapped or raw( head + body with {question} replaced ) + open.
struct PromptTemplate {
  std::string name;
  std::string head;                // the same for every example (instruction, worked examples)
  std::string body;                // "{question}" is replaced; with options, "{options}" becomes "A. …\nB. …"
  std::string open = "\\boxed{";   // opened at the end of the prompt, so that the answer comes first; may be ""
  std::string chat = "none";       // none | chatml | llama3: messages wrapped in the family's markers
  std::string system;              // chat only; "" = none
  std::string stop;                // generation also ends at this string; "" = none

  bool boxOpen() const { return open.ends_with("\\boxed{"); }
};

// A built-in template by name (YAML `prompt.template`); InputError with the list of names on an unknown one.
PromptTemplate promptTemplate(const std::string& name);
std::vector<std::string> promptTemplateNames();

struct Prompt {
  std::string text;
  std::vector<TokenId> tokens;
  // tokens[0, headTokens) are the same for every example of the template: shared K,V (DESIGN, ProgramExecutor 2).
  std::size_t headTokens = 0;
};

// Thread-safe; keeps the head's tokens.
class PromptBuilder {
 public:
  PromptBuilder(PromptTemplate promptTemplate, std::shared_ptr<const Tokenizer> tokenizer);

  Prompt build(const Example& example) const;
  // The reference answer as the LLM would write it after the prompt: answer + "}" where the box is open, else
  // "\boxed{answer}". Used as draft and for its log-probability.
  std::vector<TokenId> answerTokens(const Example& example) const;

  const PromptTemplate& promptTemplate() const { return template_; }
  const Tokenizer& tokenizer() const { return *tokenizer_; }

 private:
  std::string render(const Example& example) const;

  PromptTemplate template_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  std::vector<TokenId> head_;
};

}  // namespace polar
