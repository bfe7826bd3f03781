// Whether a chosen program answers a validation question.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <vector>

#include "program/program.h"
#include "store/label_store.h"

namespace polar {

// Runs a program on a question; whether its answer is right. Threads call it at the same time.
using RunProgram = std::function<bool(const Example&, const Program&)>;

class Verdicts {
 public:
  // `questions` must outlive the object. Without `run`, a program that has no label counts as not right.
  Verdicts(std::vector<const ExampleLabels*> questions, RunProgram run);

  // The label's verdict where the program was run for this question, else that of running it now, once. Threads may ask
  // at the same time, each for questions of its own.
  bool isRight(std::size_t question, const Program& program);

 private:
  std::vector<const ExampleLabels*> questions_;
  RunProgram run_;
  std::vector<std::map<Program, bool>> known_;  // of each question
};

}  // namespace polar
