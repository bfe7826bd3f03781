// Prompts from templates: what a question looks like to the LLM.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "data/example.h"
#include "text/tokenizer.h"

namespace polar {

// prompt = chat-wrapped or raw( head + body with {question} replaced ) + open. Only the body is searched for {question}
// and {options}, and what replaces them is taken as it is.
struct PromptTemplate {
  std::string name;
  std::string head;               // the same for every example (instruction, worked examples)
  std::string body;               // "{question}" is replaced; "{options}" becomes "A. …\nB. …", or "" without options.
                                  // Where the body has no {options}, they follow the question, each on its line.
  std::string open = "\\boxed{";  // opened at the end of the prompt, so that the answer comes first; may be ""
  std::string chat = "none";      // none | chatml | llama3: messages wrapped in the family's markers
  std::string system;             // chat only; "" = none
  std::string stop;               // generation also ends at this string; "" = none

  bool boxOpen() const { return open.ends_with("\\boxed{"); }
};

// A built-in template by name (YAML `prompt.template`); InputError with the list of names on an unknown one.
PromptTemplate promptTemplate(const std::string& name);
std::vector<std::string> promptTemplateNames();

// InputError naming `where` (a file and key) unless the body has {question}, the chat is known, and a system message
// has a chat. For templates written in a YAML.
void checkTemplate(const PromptTemplate& promptTemplate, const std::string& where);

struct Prompt {
  std::string text;
  std::vector<TokenId> tokens;
  // tokens[0, headTokens) are the same for every example of the template, and fewer than all: shared K,V.
  std::size_t headTokens = 0;
};

// Thread-safe; keeps the head's tokens.
//
// The head is the text before the question: chat markers, template head, and the body up to {question}. Its last
// characters may merge with the question's first ("Question: " + "A" gives the token " A"), so the kept tokens are
// those that several differing continuations leave alone; headTokens is then the same for all but very odd questions.
class PromptBuilder {
 public:
  // Throws InputError as checkTemplate does.
  PromptBuilder(PromptTemplate promptTemplate, std::shared_ptr<const Tokenizer> tokenizer);

  // Throws InputError naming the example where it has more than 26 options.
  Prompt build(const Example& example) const;
  // The reference answer as the LLM would write it after the prompt: answer + "}" where the box is open, else
  // "\boxed{answer}". Used as draft and for its log-probability.
  std::vector<TokenId> answerTokens(const Example& example) const;

  // The token that each option's letter is after `prompt` (this example's), A first: with a blank before it, unless the
  // prompt ends in a blank or an open bracket. Throws InputError where a letter is not one token of its own there.
  std::vector<TokenId> letterTokens(const Example& example, const Prompt& prompt) const;

  const PromptTemplate& promptTemplate() const { return template_; }
  const Tokenizer& tokenizer() const { return *tokenizer_; }

 private:
  std::string render(const Example& example) const;
  std::vector<TokenId> encode(const std::string& text) const;  // with the beginning of sequence, where there is one

  PromptTemplate template_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  std::vector<TokenId> head_;
};

}  // namespace polar
