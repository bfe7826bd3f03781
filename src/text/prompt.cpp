#include "text/prompt.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "support/error.h"

namespace polar {
namespace {

constexpr std::string_view kQuestion = "{question}", kOptions = "{options}";

// A family's message markers. The beginning-of-sequence token is the tokenizer's affair.
struct ChatFormat {
  const char* name;
  const char *systemBegin, *userBegin, *end, *assistantBegin;
};

constexpr std::array<ChatFormat, 3> kChats = {{
    {"none", "", "", "", ""},
    {"chatml", "<|im_start|>system\n", "<|im_start|>user\n", "<|im_end|>\n", "<|im_start|>assistant\n"},
    {"llama3", "<|start_header_id|>system<|end_header_id|>\n\n", "<|start_header_id|>user<|end_header_id|>\n\n",
     "<|eot_id|>", "<|start_header_id|>assistant<|end_header_id|>\n\n"},
}};

const ChatFormat* findChat(const std::string& name) {
  const auto* found = std::find_if(kChats.begin(), kChats.end(), [&](const ChatFormat& c) { return c.name == name; });
  return found == kChats.end() ? nullptr : found;
}

// Everything before the question.
std::string fixedText(const PromptTemplate& t) {
  const ChatFormat& chat = *findChat(t.chat);
  std::string text;
  if (!t.system.empty()) text = chat.systemBegin + t.system + chat.end;
  return text + chat.userBegin + t.head + t.body.substr(0, std::min(t.body.find(kQuestion), t.body.find(kOptions)));
}

std::string optionLines(const Example& example) {
  if (example.options.size() > 26)
    throw InputError(example.id, std::to_string(example.options.size()) + " options", "at most 26, named A to Z");
  std::string lines;
  for (std::size_t i = 0; i < example.options.size(); ++i)
    lines += (i ? "\n" : "") + std::string(1, static_cast<char>('A' + i)) + ". " + example.options[i];
  return lines;
}

// One pass from left to right, so that a question which itself holds "{options}" stays as it is.
std::string fillBody(std::string_view body, const std::string& question, const std::string& options) {
  std::string text;
  while (!body.empty()) {
    const std::size_t at = std::min({body.find(kQuestion), body.find(kOptions), body.size()});
    text += body.substr(0, at);
    body.remove_prefix(at);
    if (body.starts_with(kQuestion)) {
      text += question;
      body.remove_prefix(kQuestion.size());
    } else if (body.starts_with(kOptions)) {
      text += options;
      body.remove_prefix(kOptions.size());
    }
  }
  return text;
}

std::size_t commonPrefix(const std::vector<TokenId>& a, const std::vector<TokenId>& b) {
  const auto ends = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return static_cast<std::size_t>(ends.first - a.begin());
}

}  // namespace

void checkTemplate(const PromptTemplate& t, const std::string& where) {
  if (t.body.find(kQuestion) == std::string::npos)
    throw InputError(where + ".body", "'" + t.body + "'", "a text with {question} in it");
  if (t.head.find(kQuestion) != std::string::npos)
    throw InputError(where + ".head", "{question} in it", "only what all examples share",
                     "move the question's part to the body");
  if (!findChat(t.chat)) {
    std::vector<std::string> names;
    for (const ChatFormat& chat : kChats) names.push_back(chat.name);
    const std::string near = nearestName(t.chat, names);
    throw InputError(where + ".chat", "'" + t.chat + "'", "one of " + joinNames(names),
                     near.empty() ? "" : "did you mean '" + near + "'?");
  }
  if (!t.system.empty() && t.chat == "none")
    throw InputError(where + ".system", "a system message without a chat", "none, or a chat to put it in",
                     "set chat to chatml or llama3, or move the text to the head");
}

PromptBuilder::PromptBuilder(PromptTemplate promptTemplate, std::shared_ptr<const Tokenizer> tokenizer)
    : template_(std::move(promptTemplate)), tokenizer_(std::move(tokenizer)) {
  checkTemplate(template_, "template " + template_.name);
  const std::string fixed = fixedText(template_);
  head_ = encode(fixed);
  for (const char* continuation : {"A", "a", "1", " ", "\n", "$", "\\", "(", ".", "é"})
    head_.resize(commonPrefix(head_, encode(fixed + continuation)));
}

std::string PromptBuilder::render(const Example& example) const {
  const ChatFormat& chat = *findChat(template_.chat);
  const std::string options = optionLines(example);
  const bool placed = template_.body.find(kOptions) != std::string::npos;
  const std::string question = placed || options.empty() ? example.question : example.question + "\n" + options;
  std::string text;
  if (!template_.system.empty()) text = chat.systemBegin + template_.system + chat.end;
  return text + chat.userBegin + template_.head + fillBody(template_.body, question, options) + chat.end +
         chat.assistantBegin + template_.open;
}

std::vector<TokenId> PromptBuilder::encode(const std::string& text) const {
  std::vector<TokenId> tokens = tokenizer_->encode(text);
  if (const auto begin = tokenizer_->beginOfSequence()) tokens.insert(tokens.begin(), *begin);
  return tokens;
}

Prompt PromptBuilder::build(const Example& example) const {
  Prompt prompt;
  prompt.text = render(example);
  prompt.tokens = encode(prompt.text);
  prompt.headTokens = commonPrefix(head_, prompt.tokens);
  if (prompt.headTokens == prompt.tokens.size() && prompt.headTokens > 0) --prompt.headTokens;
  return prompt;
}

std::vector<TokenId> PromptBuilder::letterTokens(const Example& example, const Prompt& prompt) const {
  const bool joined = std::string_view(" \n\t{([").find(prompt.text.back()) != std::string::npos;
  std::vector<TokenId> letters;
  for (std::size_t i = 0; i < example.options.size(); ++i) {
    const char letter = static_cast<char>('A' + i);
    const std::vector<TokenId> tokens = encode(prompt.text + (joined ? "" : " ") + letter);
    if (tokens.size() != prompt.tokens.size() + 1 || commonPrefix(tokens, prompt.tokens) != prompt.tokens.size())
      throw InputError("prompt.template",
                       "a prompt after which the letter " + std::string(1, letter) + " is not one token of its own",
                       "an end such as '\\boxed{' or 'Answer:'",
                       "change the template's end, or set prompt.multiple_choice to generate");
    letters.push_back(tokens.back());
  }
  return letters;
}

std::vector<TokenId> PromptBuilder::answerTokens(const Example& example) const {
  return tokenizer_->encode(template_.boxOpen() ? example.answer + "}" : "\\boxed{" + example.answer + "}");
}

}  // namespace polar
