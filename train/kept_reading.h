// What was read of a question, and the prompt as the reading left it.
#pragma once

#include <ATen/core/TensorBody.h>

#include <memory>

#include "llm/prompt_start.h"

namespace polar {

struct KeptReading {
  at::Tensor rows;                           // as read without keeping
  std::shared_ptr<const PromptStart> start;  // null where the question's own prompt was not read
};

}  // namespace polar
