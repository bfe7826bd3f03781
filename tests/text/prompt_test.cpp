// Templates, the shared head, and the answer's tokens.
#include "text/prompt.h"

#include <sys/wait.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "catch.h"
#include "smollm2.h"
#include "support/error.h"

namespace {

using namespace polar;
using nlohmann::json;

std::shared_ptr<const Tokenizer> embedded() { return loadTokenizer(testing::embeddedModel()); }

Example question(const std::string& text, const std::string& answer = "7") {
  Example example;
  example.id = "test/0";
  example.question = text;
  example.answer = answer;
  return example;
}

std::string errorOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

// Questions as they come, and some that try to grow together with the head.
std::vector<Example> questions() {
  std::vector<Example> all;
  std::ifstream in(testing::sourceDir() / "datasets/embedded/test.jsonl");
  for (std::string line; all.size() < 100 && std::getline(in, line);)
    all.push_back(question(json::parse(line).at("question").get<std::string>()));
  for (const char* odd : {"12 apples", "If", "$x$", "\\frac{1}{2}", " led by a space", "\nled by a line", "é", "中文",
                          "(a)", "'s", "...", "x"})
    all.push_back(question(odd));
  return all;
}

TEST_CASE("prompt: the built-in templates are sound and differ in name") {
  const auto names = promptTemplateNames();
  REQUIRE(names == std::vector<std::string>{"zero-shot", "one-shot", "four-shot", "chat", "chat-llama3", "chat-qwen1.5",
                                            "chat-qwen2.5", "chat-qwen3", "embedded"});
  for (const std::string& name : names) {
    const PromptTemplate t = promptTemplate(name);
    CHECK(t.name == name);
    CHECK(t.boxOpen());
    CHECK_NOTHROW(checkTemplate(t, "built-in"));
  }
}

TEST_CASE("prompt: texts") {
  const auto text = [](const std::string& name) {
    return PromptBuilder(promptTemplate(name), embedded()).build(question("What is 3 + 4?")).text;
  };
  // datasets/embedded/train_model.py trains on exactly this.
  CHECK(text("embedded") == "Question: What is 3 + 4?\nAnswer: \\boxed{");
  const std::string instruction =
      "Solve the following math problem and output ONLY the final answer directly, formatted strictly as "
      "\\boxed{ANSWER}.\n\n### Problem Start\nWhat is 3 + 4?\n### Problem End\n\nAnswer:";
  CHECK(text("zero-shot") == instruction + " \\boxed{");
  CHECK(text("chat") == "<|im_start|>user\n" + instruction + "<|im_end|>\n<|im_start|>assistant\n\\boxed{");
  const std::string end = "\n\nProblem: What is 3 + 4?\nAnswer: \\boxed{";
  CHECK(text("one-shot").ends_with(end));
  CHECK(text("four-shot").ends_with(end));
  CHECK(text("four-shot").starts_with(promptTemplate("one-shot").head));
}

TEST_CASE("prompt: the head is one and the same for every example") {
  const std::string name = GENERATE("zero-shot", "one-shot", "four-shot", "chat", "chat-llama3", "chat-qwen1.5",
                                    "chat-qwen2.5", "chat-qwen3", "embedded");
  INFO(name);
  const auto tokenizer = embedded();
  const PromptBuilder builder(promptTemplate(name), tokenizer);
  const Prompt first = builder.build(questions().front());
  REQUIRE(first.headTokens > 0);
  for (const Example& example : questions()) {
    INFO(example.question);
    const Prompt prompt = builder.build(example);
    REQUIRE(prompt.tokens == tokenizer->encode(prompt.text));
    REQUIRE(prompt.headTokens == first.headTokens);
    REQUIRE(prompt.headTokens < prompt.tokens.size());
    REQUIRE(std::equal(first.tokens.begin(), first.tokens.begin() + static_cast<long>(first.headTokens),
                       prompt.tokens.begin()));
  }
  // Nearly all of the fixed text is in the head; its last token or two may merge with the question.
  const PromptTemplate t = promptTemplate(name);
  const std::string head = tokenizer->decode(std::span(first.tokens).first(first.headTokens));
  CHECK(head.size() + 10 >= t.head.size());
}

TEST_CASE("prompt: a head that is the whole prompt leaves a token to run") {
  PromptTemplate t;
  t.name = "bare";
  t.head = "x y z";
  t.body = "{question}";
  t.open = "";
  const Prompt prompt = PromptBuilder(t, embedded()).build(question(""));
  CHECK(prompt.tokens.size() > 1);
  CHECK(prompt.headTokens < prompt.tokens.size());
  t.head = "";
  const Prompt empty = PromptBuilder(t, embedded()).build(question(""));
  CHECK(empty.tokens.empty());
  CHECK(empty.headTokens == 0);
}

TEST_CASE("prompt: the beginning of sequence comes once, at the front, and belongs to the head") {
  const auto tokenizer = loadTokenizer(testing::fixture("text/fixtures/tiny-llama3"));
  REQUIRE(tokenizer->beginOfSequence() == TokenId{0});
  const PromptBuilder builder(promptTemplate("one-shot"), tokenizer);
  const Prompt prompt = builder.build(question("How many?"));
  REQUIRE(prompt.tokens.front() == 0);
  CHECK(std::count(prompt.tokens.begin(), prompt.tokens.end(), 0) == 1);
  CHECK(prompt.headTokens > 1);
  CHECK(builder.answerTokens(question("", "12")) == tokenizer->encode("12}"));
}

TEST_CASE("prompt: answers as they would be written") {
  const auto tokenizer = embedded();
  PromptTemplate t = promptTemplate("embedded");
  CHECK(PromptBuilder(t, tokenizer).answerTokens(question("", "\\frac{1}{2}")) == tokenizer->encode("\\frac{1}{2}}"));
  t.open = "The answer is \\boxed{";
  CHECK(PromptBuilder(t, tokenizer).answerTokens(question("", "5")) == tokenizer->encode("5}"));
  t.open = "";
  CHECK(PromptBuilder(t, tokenizer).answerTokens(question("", "5")) == tokenizer->encode("\\boxed{5}"));
}

TEST_CASE("prompt: options") {
  PromptTemplate t = promptTemplate("embedded");
  Example example = question("Which {options}?", "B");
  const auto text = [&] { return PromptBuilder(t, embedded()).build(example).text; };
  CHECK(text() == "Question: Which {options}?\nAnswer: \\boxed{");
  example.options = {"one", "{question}"};
  CHECK(text() == "Question: Which {options}?\nA. one\nB. {question}\nAnswer: \\boxed{");
  t.body = "{options}\n{question}\n{options}|";
  CHECK(text() == "A. one\nB. {question}\nWhich {options}?\nA. one\nB. {question}|\\boxed{");
  example.options.clear();
  CHECK(text() == "\nWhich {options}?\n|\\boxed{");
  example.options.assign(27, "x");
  CHECK(errorOf(text) == "test/0: found 27 options, expected at most 26, named A to Z");
}

TEST_CASE("prompt: unsound templates are refused where they are written") {
  PromptTemplate t = promptTemplate("chat");
  const auto error = [&] { return errorOf([&] { checkTemplate(t, "a.yaml:3: prompt"); }); };
  t.chat = "chatlm";
  CHECK(error() ==
        "a.yaml:3: prompt.chat: found 'chatlm', expected one of none, chatml, llama3; did you mean 'chatml'?");
  CHECK_THROWS_AS(PromptBuilder(t, embedded()), InputError);
  t.chat = "none";
  t.system = "Be brief.";
  CHECK(error().find("a.yaml:3: prompt.system: found a system message without a chat") == 0);
  t.system = "";
  t.head = "see {question}";
  CHECK(error().find("a.yaml:3: prompt.head: found {question} in it") == 0);
  t.body = "no place";
  CHECK(error() == "a.yaml:3: prompt.body: found 'no place', expected a text with {question} in it");
  CHECK(errorOf([] { promptTemplate("oneshot"); }) ==
        "prompt.template: found 'oneshot', expected one of zero-shot, one-shot, four-shot, chat, chat-llama3, "
        "chat-qwen1.5, chat-qwen2.5, chat-qwen3, embedded; "
        "did you mean 'one-shot'?");
}

TEST_CASE("prompt: chats in the families' markers") {
  PromptTemplate t;
  t.name = "test";
  t.body = "{question}";
  t.open = "";
  t.system = "Be brief.";
  t.chat = "chatml";
  // What SmolLM2's own Jinja template gives.
  const json recorded = json::parse(testing::slurp(testing::fixture("text/fixtures/smollm2.json")));
  CHECK(PromptBuilder(t, embedded()).build(question("1+1?")).text == recorded.at("chat").get<std::string>());
  t.chat = "llama3";
  CHECK(PromptBuilder(t, embedded()).build(question("1+1?")).text ==
        "<|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
        "<|start_header_id|>user<|end_header_id|>\n\n1+1?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n");
}

TEST_CASE("prompt: with SmolLM2, chat markers are single tokens and heads are long") {
  const auto file = testing::smollm2();
  if (!file) {
    polar::testing::skipped("no SmolLM2 GGUF in the cache (src/setup/fetch_model.sh smollm2)");
    return;
  }
  const auto tokenizer = loadTokenizer(*file);
  const Prompt chat = PromptBuilder(promptTemplate("chat"), tokenizer).build(question("1+1?"));
  CHECK(chat.tokens.front() == 1);
  CHECK(std::count(chat.tokens.begin(), chat.tokens.end(), 1) == 2);
  CHECK(std::count(chat.tokens.begin(), chat.tokens.end(), 2) == 1);
  std::vector<std::size_t> heads;
  for (const std::string& name : promptTemplateNames()) {
    const PromptBuilder builder(promptTemplate(name), tokenizer);
    heads.push_back(builder.build(questions().front()).headTokens);
    for (const Example& example : questions()) {
      INFO(name << ": " << example.question);
      REQUIRE(builder.build(example).headTokens == heads.back());
    }
  }
  INFO("heads of " << heads[0] << ", " << heads[1] << ", " << heads[2] << " tokens");
  CHECK(heads[0] > 25);
  CHECK(heads[1] > 30);
  CHECK(heads[2] > 120);
}

TEST_CASE("fetch_model.sh names the models it knows") {
  const std::string script = (testing::sourceDir() / "src/setup/fetch_model.sh").string();
  const testing::TemporaryFolder folder;
  const auto log = folder.path() / "log";
  const int status = std::system(("'" + script + "' smolm2 2> '" + log.string() + "'").c_str());
  CHECK(WEXITSTATUS(status) == 2);
  CHECK(testing::slurp(log) ==
        "fetch_model: found the model name 'smolm2', expected one of: qwen2.5-coder-0.5b qwen2.5-coder-1.5b smollm2\n");
}

}  // namespace
