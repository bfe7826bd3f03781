// Choosing among a few settings of a policy by running what each would choose on labelled questions.
#pragma once

#include <string>
#include <vector>

#include "eval/policies/policies.h"

namespace polar {

// The first 100 validation questions; of train where there are
// none. InputError naming the policy where there is no label.
std::vector<const Example*> tuningQuestions(const PolicyContext& context);

// The setting whose programs are right most often; of equals the one that executes fewer layers, then the first.
struct Tuned {
  std::size_t setting = 0;
  std::size_t settings = 0, questions = 0;
  std::int64_t right = 0;

  std::string inWords() const;  // ": right on 31 of 100 labelled questions, the best of 24 settings"
};

// `chosen`: [setting][question], at least one setting. Runs each program once a question.
Tuned tune(const PolicyContext& context, const std::vector<const Example*>& questions,
           const std::vector<std::vector<Program>>& chosen);

}  // namespace polar
