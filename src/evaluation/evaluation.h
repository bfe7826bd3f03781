// What running one program on one example gives: the value that search gets, the store keeps and eval counts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "grading/grader.h"

namespace polar {

struct Evaluation {
  Verdict verdict = Verdict::undecided;
  float answerLogprob = 0;              // of the reference answer, nats; NaN where it was not scored
  float margin = 0;                     // smallest top-1 minus top-2 logit on the greedy path
  int executed = 0;                     // executed layers: length of the program
  int unique = 0;                       // unique layers
  std::string text;                     // generated text
  std::vector<std::int32_t> tokens;     // its ids; not stored
  std::string rule;                     // grading rule
  std::int64_t prefillLayerTokens = 0;  // of answering, the answer not known: executed layers × prompt tokens
  std::int64_t decodeLayerTokens = 0;   // executed layers × generated tokens that are fed

  bool right() const { return verdict == Verdict::right; }
};

}  // namespace polar
