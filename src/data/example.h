// One question with its reference answer.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace polar {

struct Example {
  std::string id;  // stable and unique over all sets, e.g. "gsm8k/train/17"
  std::string question;
  std::string answer;    // the final answer alone: a number, LaTeX, or the letter of an option
  std::string solution;  // the reference solution, or ""
  std::optional<int> level;
  std::string subject;
  std::string source;
  std::vector<std::string> options;  // multiple choice; else empty
};

}  // namespace polar
