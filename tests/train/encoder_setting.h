// A tiny model, a prompt and a question for the tests of question encoders. Include it first: it brings torch headers.
#pragma once

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#undef CHECK

#include <memory>

#include "byte_tokenizer.h"
#include "catch.h"
#include "llm/language_model.h"
#include "text/prompt.h"

namespace polar::testing {

struct EncoderSetting {
  std::shared_ptr<const LanguageModel> model = LanguageModel::load(fixture("llm/tiny-llama-a"));
  std::shared_ptr<const PromptBuilder> prompts = std::make_shared<PromptBuilder>(
      PromptTemplate{.name = "test", .head = "Answer:\n", .body = "Q: {question}\n", .system = "", .stop = ""},
      std::make_shared<ByteTokenizer>(model->config().vocabulary));
  Example example;
  EncoderSetting() {
    at::set_num_threads(1);
    example.question = "Two and three?";
    example.answer = "5";
  }
};

}  // namespace polar::testing
