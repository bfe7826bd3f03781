// Questions that are one question in other words or with other numbers:
// never on both sides of a split, never twice in a test set.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/example.h"

namespace polar {

// When two questions are near-duplicates. Those that are equal but for case and spacing always are.
struct NearDuplicateRule {
  bool maskNumbers = true;  // equal but for their numbers
  // The share of words in common (Jaccard) from which on they are: in (0, 1]; 0 = not looked at. Words are
  // compared without case; numbers and the signs . , ? ! ' " $ are left out; every other sign is a word of its own, so
  // that 3 + 4 and 3 / 4 differ.
  double jaccard = 0.9;
};

// What is compared: the question as normalisedQuestion has it,
// and its options, each number as one "#" where `mask` says.
std::string comparedText(const Example& example, bool mask);

// The distinct words of the Jaccard key, in the order of the index: longer ones first, then by text.
std::vector<std::string> comparedWords(const Example& example);

// Removes from `train` what is a near-duplicate of a question in
// `held` (the leak guard); returns the ids in the order of `train`.
std::vector<std::string> removeLeaks(std::vector<Example>& train, const std::vector<Example>& held,
                                     const NearDuplicateRule& rule);

// Removes what is a near-duplicate of a kept question before it; returns the ids in order. A function of the examples
// before each: the kept ones of a set's first part are the first part of the set's kept ones.
std::vector<std::string> removeRepeats(std::vector<Example>& examples, const NearDuplicateRule& rule);

}  // namespace polar
