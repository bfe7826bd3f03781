// The built-in prompt templates, as data.
#include "support/error.h"
#include "text/prompt.h"

namespace polar {
namespace {

// The instruction of the paper's appendix D.4.
const char* const kInstruction =
    "Solve the following math problem and output ONLY the final answer directly, formatted strictly as "
    "\\boxed{ANSWER}.\n\n### Problem Start\n";

const char* const kOneShot =
    "Problem: A shelf has 6 rows of 4 jars. Five of the jars are empty. How many jars are not empty?\n"
    "Answer: \\boxed{19}\n\n";

const char* const kFourShot =
    "Problem: A shelf has 6 rows of 4 jars. Five of the jars are empty. How many jars are not empty?\n"
    "Answer: \\boxed{19}\n\n"
    "Problem: If $3x - 7 = 20$, what is the value of $x^2$?\n"
    "Answer: \\boxed{81}\n\n"
    "Problem: A fair coin is tossed three times. What is the probability that all tosses show the same side?\n"
    "Answer: \\boxed{\\frac{1}{4}}\n\n"
    "Problem: A rectangle is 9 cm long and has a perimeter of 30 cm. What is its area in square centimeters?\n"
    "Answer: \\boxed{54}\n\n";

const char* const kChatBody = "{question}\n### Problem End\n\nAnswer:";

// The system message that PoLar's release gives Qwen1.5-MoE-Chat. Where none is given, Qwen1.5's own template (in
// tokenizer_config.json) writes it without the full stop.
const char* const kQwen15System = "You are a helpful assistant.";
// What Qwen2.5's own template writes where no system message is given. Qwen3's writes none, nor does Llama 3's but for
// the day's date in 3.2, by which a prompt would change overnight.
const char* const kQwen25System = "You are Qwen, created by Alibaba Cloud. You are a helpful assistant.";

const std::vector<PromptTemplate>& builtIn() {
  static const std::vector<PromptTemplate> templates = {
      {.name = "zero-shot", .head = kInstruction, .body = "{question}\n### Problem End\n\nAnswer: "},
      {.name = "one-shot", .head = kOneShot, .body = "Problem: {question}\nAnswer: ", .stop = "\n\n"},
      {.name = "four-shot", .head = kFourShot, .body = "Problem: {question}\nAnswer: ", .stop = "\n\n"},
      {.name = "chat", .head = kInstruction, .body = kChatBody, .chat = "chatml"},
      {.name = "chat-llama3", .head = kInstruction, .body = kChatBody, .chat = "llama3"},
      {.name = "chat-qwen1.5", .head = kInstruction, .body = kChatBody, .chat = "chatml", .system = kQwen15System},
      {.name = "chat-qwen2.5", .head = kInstruction, .body = kChatBody, .chat = "chatml", .system = kQwen25System},
      // Qwen3 without thinking: its template closes an empty thought before the answer.
      {.name = "chat-qwen3",
       .head = kInstruction,
       .body = kChatBody,
       .open = "<think>\n\n</think>\n\n\\boxed{",
       .chat = "chatml"},
      // What the embedded model was trained on (datasets/embedded/train_model.py).
      {.name = "embedded", .head = "", .body = "Question: {question}\nAnswer: "},
  };
  return templates;
}

}  // namespace

PromptTemplate promptTemplate(const std::string& name) {
  for (const PromptTemplate& known : builtIn())
    if (known.name == name) return known;
  const std::vector<std::string> names = promptTemplateNames();
  const std::string near = nearestName(name, names);
  throw InputError("prompt.template", "'" + name + "'", "one of " + joinNames(names),
                   near.empty() ? "" : "did you mean '" + near + "'?");
}

std::vector<std::string> promptTemplateNames() {
  std::vector<std::string> names;
  for (const PromptTemplate& known : builtIn()) names.push_back(known.name);
  return names;
}

}  // namespace polar
